using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Inference.Recovery;

namespace EdgeInference.Inference.Swapping;

/// <summary>Runs frames one at a time through a session of its own, exactly as the stream would, and measures.</summary>
internal sealed class TrialRun(InferenceSession session, TimeSpan timeout, TimeProvider time)
{
    private readonly InferenceSlot _slot = new();

    /// <summary>The shortest inference: what a busy machine adds is in the others.</summary>
    public TimeSpan Shortest { get; private set; } = TimeSpan.MaxValue;

    public InferenceResult Result => _slot.Result!;

    /// <summary>Infers one frame.</summary>
    /// <returns>What is wrong with the outputs; null for nothing.</returns>
    /// <exception cref="InferenceException">The engine failed, or did not answer in time.</exception>
    public async Task<string?> InferAsync(Frame frame, CancellationToken cancellationToken)
    {
        if (!session.TryBegin(out SessionRequest? request))
            throw new InferenceException(session.Fault?.Reason ?? "the engine has ended");
        if (_slot.Result is not null)
            _slot.Results!.Return(_slot.Result);
        _slot.Start(frame, session.Parts.Results);
        long started = time.GetTimestamp();
        request.Start(_slot);
        await EndAsync(_slot.Done.AsTask(), cancellationToken);
        TimeSpan length = time.GetElapsedTime(started);
        Shortest = length < Shortest ? length : Shortest;
        return FiniteOutputs.FindFault(request, session.Parts.Model);
    }

    private async Task EndAsync(Task<bool> inference, CancellationToken cancellationToken)
    {
        try
        {
            if (!await inference.WaitAsync(timeout, time, cancellationToken))
                throw new InferenceException(session.Fault?.Reason ?? "the engine gave no result");
        }
        catch (TimeoutException exception)
        {
            throw new InferenceException(EngineFault.Timeout(timeout).Reason, exception);
        }
    }
}
