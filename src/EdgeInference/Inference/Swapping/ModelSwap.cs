using System.Diagnostics.CodeAnalysis;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Inference.Recovery;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Inference.Swapping;

/// <summary>
/// Gives a running stream another model: loads it beside the one in use, has both infer the stream's next frames, and
/// swaps them, or refuses the new one. The stream goes on meanwhile.
/// </summary>
/// <param name="stream">The stream's name.</param>
/// <param name="options">What a model has to stand.</param>
/// <param name="frames">Where the stream's frames come by.</param>
/// <param name="engines">The engines of the stream.</param>
/// <param name="recovery">What keeps the stream supplied with them.</param>
/// <param name="announce">Takes a message for the stream's publishers, without waiting for them.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The stream's log.</param>
internal sealed partial class ModelSwap(
    string stream,
    SwapOptions options,
    FrameQueue frames,
    EngineSource engines,
    EngineRecovery recovery,
    Action<string> announce,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    private const int Frames = 5;

    // Where a camera is away, its model can be swapped all the same.
    private static readonly TimeSpan FramesDeadline = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _end = new();

    /// <summary>One at a time.</summary>
    /// <param name="load">Reads and compiles the model, on a thread of its own.</param>
    /// <param name="cancellationToken">The stream stops.</param>
    /// <exception cref="OperationCanceledException">The token ended it, or the stream has ended.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with a new model, the stream goes on with the one it has.")]
    public async Task<SwapOutcome> RunAsync(Func<StreamModel> load, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        await _turn.WaitAsync(either.Token);
        try
        {
            return await SwapAsync(load, either.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Refuse(exception.Message.TrimEnd('.'));
        }
        finally
        {
            frames.Sample(null);
            _turn.Release();
        }
    }

    /// <summary>Ends a swap that is on; there is none any more.</summary>
    public async ValueTask DisposeAsync()
    {
        // Neither is disposed, nor needs to be: another swap may be asked for just now, and is to find that it is too late.
        await _end.CancelAsync();
        await _turn.WaitAsync(CancellationToken.None);
        _turn.Release();
    }

    private async Task<SwapOutcome> SwapAsync(Func<StreamModel> load, CancellationToken cancellationToken)
    {
        var samples = new FrameSamples(Frames);
        frames.Sample(samples);
        RequestParts before = engines.Parts;
        StreamModel? model = null;
        InferenceSession candidate = await MakeInTimeAsync(
            () =>
            {
                model = load();
                return InferenceSession.Open(model.Engine, requests: 1, OnTrial(before.For(model)));
            },
            cancellationToken);
        try
        {
            IReadOnlyList<Frame> sampled = await samples.TakeAsync(FramesDeadline, time, cancellationToken);
            frames.Sample(null);
            return await SwapAsync(model!, candidate, before, sampled, cancellationToken);
        }
        finally
        {
            await engines.EndAsync(candidate);
        }
    }

    /// <exception cref="ModelException">It takes too long; what is made too late is disposed.</exception>
    private async Task<InferenceSession> MakeInTimeAsync(Func<InferenceSession> make, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.CompileTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await BlockingCall.MakeAsync(make, either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelException($"could not be compiled within {options.CompileTimeout:c}", exception);
        }
    }

    private async Task<SwapOutcome> SwapAsync(
        StreamModel model, InferenceSession candidate, RequestParts before, IReadOnlyList<Frame> sampled, CancellationToken cancellationToken)
    {
        RequestParts parts = before.For(model);
        string name = $"{parts.Model.Name} ({parts.Model.Format})";
        if (parts.Function.DifferenceFrom(before.Function) is { } difference)
            return Refuse($"{name}: {difference}");
        TrialOutcome trial = await TryAsync(candidate, sampled.Count > 0 ? sampled : [Grey()], cancellationToken);
        if (trial.Refusal is not null)
            return Refuse($"{name}: {trial.Refusal}");

        InferenceSession session = await BlockingCall.MakeAsync(() => OpenBeside(candidate, model.Requests, parts), cancellationToken);
        var plan = new SessionPlan(parts, () => InferenceSession.Open(model.RebuildEngine(), model.Requests, parts));
        if (!await recovery.SwapAsync(session, plan, SayTaken))
        {
            await engines.EndAsync(session);
            throw new OperationCanceledException("The stream has ended.");
        }

        return new SwapOutcome(Refusal: null);

        void SayTaken()
        {
            LogSwapped(stream, name, before.Model.Name, sampled.Count, trial.New.TotalMilliseconds, trial.Old?.TotalMilliseconds);
            announce($"Model changed: {name}");
        }
    }

    /// <summary>Has the new model, and the one in use where that works, infer frames on requests of their own.</summary>
    private async Task<TrialOutcome> TryAsync(InferenceSession candidate, IReadOnlyList<Frame> sampled, CancellationToken cancellationToken)
    {
        InferenceSession? running = await OpenRunningAsync(cancellationToken);
        try
        {
            var trial = new ModelTrial(RunOf(candidate), running is null ? null : RunOf(running), options.TimeFactor);
            return await trial.RunAsync(sampled, cancellationToken);
        }
        finally
        {
            if (running is not null)
                await engines.EndAsync(running);
        }
    }

    /// <returns>Null where no engine works at this moment.</returns>
    private async Task<InferenceSession?> OpenRunningAsync(CancellationToken cancellationToken)
    {
        if (recovery.Session is not { Fault: null } session)
            return null;
        try
        {
            return await BlockingCall.MakeAsync(() => OpenBeside(session, requests: 1, OnTrial(session.Parts)), cancellationToken);
        }
        catch (Exception exception) when (exception is InferenceException or OutOfMemoryException)
        {
            // As where no frame comes: the new model is looked at alone.
            return null;
        }
    }

    private static InferenceSession OpenBeside(InferenceSession session, int requests, RequestParts parts) =>
        session.TryOpenAnother(requests, parts) ?? throw new InferenceException("the engine has been released");

    private TrialRun RunOf(InferenceSession session) => new(session, options.RequestTimeout, time);

    /// <summary>So that a trial changes neither the stream's figures nor what its frames are prepared with.</summary>
    private RequestParts OnTrial(RequestParts parts) => parts with { Preprocessor = parts.Preprocessor.Copy(), BusyTime = new BusyTime(time) };

    private static Frame Grey()
    {
        Frame frame = new FramePool().Rent(640, 360);
        frame.Data.Span.Fill(128);
        return frame;
    }

    private SwapOutcome Refuse(string reason)
    {
        string inUse = engines.Parts.Model.Name;
        LogRefused(stream, reason, inUse);
        announce($"Model refused: {reason}; {inUse} stays in use");
        return new SwapOutcome(reason);
    }

    [LoggerMessage(EventId = 2040, Level = LogLevel.Information, Message = "{Stream}: model {Model} takes the place of {Before}, after {Frames} frames on trial: {Milliseconds:0.0} ms for an inference, {MillisecondsBefore:0.0} ms before")]
    private partial void LogSwapped(string stream, string model, string before, int frames, double milliseconds, double? millisecondsBefore);

    [LoggerMessage(EventId = 2041, Level = LogLevel.Warning, Message = "{Stream}: the new model is refused: {Reason}; {InUse} stays in use")]
    private partial void LogRefused(string stream, string reason, string inUse);
}
