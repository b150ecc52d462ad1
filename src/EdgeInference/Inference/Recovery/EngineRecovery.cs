using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using EdgeInference.Retrying;
using EdgeInference.Streams;

namespace EdgeInference.Inference.Recovery;

/// <summary>
/// Keeps a stream supplied with an engine that works: replaces one that fails, does not answer, or has grown beyond its
/// memory budget. The old one is released before the new one is made, since a device may not have room for both. One of
/// another model, made beside it, may take its place at any time.
/// </summary>
internal sealed class EngineRecovery(
    EngineSource engines,
    RequestWatchdog watchdog,
    MemoryBudget memory,
    EngineOutage outage,
    StuckEngines stuck,
    TimeProvider time)
{
    // Seconds on a processor, half a minute on some accelerators. What takes longer is not given up: it is only said.
    private static readonly TimeSpan CompileDeadline = TimeSpan.FromMinutes(1);

    private static readonly StreamActivity Working = new(ActivityKind.Work, "inferring");
    private static readonly StreamActivity Waiting = new(ActivityKind.Outage, "without an engine", RetryBackoff.Longest + StreamActivity.Slack);

    private readonly RetryBackoff _backoff = new();
    private readonly SessionOffer _offer = new();
    private readonly Heartbeat _heartbeat = new(Working);
    private InferenceSession? _session;
    private int _rebuilds;
    private int _swaps;
    private bool _isStuckForGood;
    private bool _lacksModel;

    /// <summary>The session that is in use; null while there is none.</summary>
    public InferenceSession? Session => Volatile.Read(ref _session);

    /// <summary>Engines made after the first.</summary>
    public int Rebuilds => Volatile.Read(ref _rebuilds);

    /// <summary>Engines of another model that took the place of one.</summary>
    public int Swaps => Volatile.Read(ref _swaps);

    /// <summary>
    /// Retires the session that is in use, or ends the wait for one, and has this one go on. Should it fail in its first
    /// inferences, the model before it comes back.
    /// </summary>
    /// <returns>Whether it was taken; not where the stream has ended: then it is still the caller's.</returns>
    public Task<bool> SwapAsync(InferenceSession next, SessionPlan plan, Action whenTaken) => _offer.MakeAsync(next, plan, whenTaken);

    /// <summary>What is done about the engine; null while there is one that is in use.</summary>
    public StreamActivity? Activity => _heartbeat.Activity is { Kind: not ActivityKind.Work } activity ? activity : null;

    /// <summary>Whether its engine is one of too many of the process that are stuck, so that only another process can go on.</summary>
    public bool IsStuckForGood => Volatile.Read(ref _isStuckForGood);

    /// <summary>Whether there is no engine because the files of the model have been replaced.</summary>
    public bool LacksModel => Volatile.Read(ref _lacksModel);

    /// <summary>Grows with each step of a rebuild.</summary>
    public long Steps => _heartbeat.Declarations;

    /// <summary>How long compiling an engine may take before whoever watches over the stream is to step in.</summary>
    public TimeSpan CompileTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Gives session after session to <paramref name="sessions"/>, each when the one before is no more.</summary>
    /// <param name="sessions">Takes them.</param>
    /// <param name="stoppingToken">No more waiting for an engine that does not work.</param>
    /// <param name="endToken">No more sessions: what is in flight is cancelled, and abandoned if that does not help.</param>
    /// <exception cref="InferenceException">The first engine fails from the start, or too many engines of the process are stuck.</exception>
    public async Task RunAsync(ChannelWriter<InferenceSession> sessions, CancellationToken stoppingToken, CancellationToken endToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(endToken);
        Task watching = Task.WhenAll(
            WatchAsync(watchdog.Interval, watchdog.Look, end),
            WatchAsync(MemoryBudget.Interval, memory.Look, end));
        try
        {
            InferenceSession? next = engines.TakeFirst();
            while (next is { } session)
            {
                Volatile.Write(ref _lacksModel, false);
                Volatile.Write(ref _session, session);
                _heartbeat.Declare(Working);
                sessions.TryWrite(session);
                await ServeAsync(session, end.Token);
                next = await ReplaceAsync(session, stoppingToken, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The stream ends.
        }
        finally
        {
            _offer.Close();
            try
            {
                await end.CancelAsync();
                await watching;
            }
            finally
            {
                sessions.TryComplete();
                await EndAsync();
            }
        }
    }

    /// <summary>Looks at the session of the moment until the stream ends, which a look that fails brings about.</summary>
    private async Task WatchAsync(TimeSpan interval, Action<InferenceSession> look, CancellationTokenSource end)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                if (Session is { } session)
                    look(session);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The stream ends, and sees to its requests itself.
        }
        catch
        {
            await end.CancelAsync();
            throw;
        }
    }

    /// <summary>Waits until the session is retired, which the offer of another one brings about, and drained.</summary>
    private async Task ServeAsync(InferenceSession session, CancellationToken endToken)
    {
        Task offered = _offer.Made;
        await Task.WhenAny(session.Worked, session.Retired, offered).WaitAsync(endToken);
        if (session.Worked.IsCompleted)
            outage.End();
        await Task.WhenAny(session.Warm, session.Retired, offered).WaitAsync(endToken);
        await engines.ConfirmAsync(session);
        await Task.WhenAny(session.Retired, offered).WaitAsync(endToken);
        session.Retire(fault: null);
        if (session.Fault is { } fault && !IsFinal(session, fault))
            outage.Begin(fault.Reason);
        await session.Drained.WaitAsync(endToken);

        // Again: a fault that comes while a session of a recycled engine drains is one all the same, and where one request
        // failed, another may have ended well since.
        if (session.Fault is not { } last)
            return;
        if (IsFinal(session, last))
            ExceptionDispatchInfo.Throw(last.Exception!);
        outage.Begin(last.Reason);
    }

    /// <summary>
    /// Whether model and device do not go together: the first engine threw before any inference had ended well, be it of
    /// another stream that shares it. One that gave no answer may be in passing trouble, the device still busy with what ran
    /// before; and so may be any engine that comes after such a one, which holds on to its memory. The limit of stuck engines
    /// ends that.
    /// </summary>
    private bool IsFinal(InferenceSession session, EngineFault fault) =>
        Rebuilds == 0 && Swaps == 0 && !session.HasEngineWorked && fault.Exception is not null && !_offer.Made.IsCompleted;

    /// <returns>Null when the stream was stopped before there was another one.</returns>
    private async Task<InferenceSession?> ReplaceAsync(InferenceSession old, CancellationToken stoppingToken, CancellationToken endToken)
    {
        Volatile.Write(ref _session, null);
        DeclareRebuild();
        if (old.Fault is null && _offer.Made.IsCompleted)
            await KeepAsync(old);
        else
            await ReleaseAsync(old);
        Volatile.Write(ref _isStuckForGood, stuck.IsOneTooMany(old));
        if (IsStuckForGood)
            throw new InferenceException($"the engine is stuck: a call never returned, as before from {StuckEngines.Most} other engines of this process, which hold memory; restart the service, and see to the device");
        if (old.Inferred >= InferenceSession.WarmUp)
            _backoff.Reset();
        bool isReverted = old.Fault is { } fault && await TryRevertAsync(old, fault);
        if (TakeOffered() is { } swapped)
            return swapped;
        if ((old.Fault is null || isReverted) && await TryRebuildAsync(endToken) is { } recycled)
            return recycled;
        while (await WaitAsync(stoppingToken, endToken))
        {
            if (TakeOffered() is { } offered)
                return offered;
            if (await TryRebuildAsync(endToken) is { } next)
                return next;
        }

        return null;
    }

    private async Task<bool> TryRevertAsync(InferenceSession failed, EngineFault fault)
    {
        if (!await engines.TryRevertAsync(failed))
            return false;
        outage.AddRevert(failed.Parts.Model.Name, engines.Parts.Model.Name, fault.Reason);
        return true;
    }

    private InferenceSession? TakeOffered()
    {
        if (_offer.Take() is not { } offered)
            return null;
        engines.Change(offered.Session, offered.Plan);
        Interlocked.Increment(ref _swaps);
        offered.WhenTaken();
        offered.Answer.TrySetResult(true);
        return offered.Session;
    }

    /// <returns>Null when the engine cannot be made now, or is not to be made any more, because of an offer.</returns>
    private async Task<InferenceSession?> TryRebuildAsync(CancellationToken endToken)
    {
        outage.CountAttempt();
        DeclareRebuild();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(endToken);
        Task offered = _offer.Made;
        Task<InferenceSession> building = engines.RebuildAsync(stop.Token);
        try
        {
            if (!await Task.WhenAny(building, offered).EndsWithinAsync(CompileDeadline, time))
            {
                outage.AddSlowAttempt(CompileDeadline);
                await Task.WhenAny(building, offered);
            }

            if (!building.IsCompleted)
                await stop.CancelAsync();
            InferenceSession session = await building;
            Interlocked.Increment(ref _rebuilds);
            return session;
        }
        catch (OperationCanceledException) when (!endToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception) when (exception is InferenceException or ModelException or OutOfMemoryException)
        {
            Volatile.Write(ref _lacksModel, exception is ModelException { AreFilesReplaced: true });
            outage.AddFailedAttempt(exception.Message.TrimEnd('.'));
            return null;
        }
    }

    /// <summary>Waits for a while, or until there is an offer.</summary>
    /// <returns>Whether to try again; not when the stream was stopped, since the engine would come too late for what is queued.</returns>
    private async Task<bool> WaitAsync(CancellationToken stoppingToken, CancellationToken endToken)
    {
        _heartbeat.Declare(Waiting);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, endToken);
        await _offer.Made.WaitAsync(_backoff.NextDelay(), time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !either.IsCancellationRequested;
    }

    private void DeclareRebuild() =>
        _heartbeat.Declare(new StreamActivity(ActivityKind.Outage, "rebuilding its engine", CompileTimeout + StreamActivity.Slack));

    private async Task EndAsync()
    {
        await engines.ReleaseKeptAsync();
        if (Session is not { } session)
            return;
        if (session.Worked.IsCompleted && !session.Retired.IsCompleted)
            outage.End();
        try
        {
            await engines.EndAsync(session);
        }
        finally
        {
            memory.Finish(session);
        }
    }

    /// <summary>Even where its memory was to be freed: the next engine is there already.</summary>
    private async Task KeepAsync(InferenceSession session)
    {
        try
        {
            await engines.KeepAsync(session);
        }
        finally
        {
            memory.Finish(session);
        }
    }

    private async Task ReleaseAsync(InferenceSession session)
    {
        try
        {
            await engines.ReleaseAsync(session);
        }
        finally
        {
            memory.Finish(session);
        }
    }
}
