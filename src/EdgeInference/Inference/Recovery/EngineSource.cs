namespace EdgeInference.Inference.Recovery;

/// <summary>Gives a stream its sessions, and releases them.</summary>
internal sealed class EngineSource(
    InferenceSession first, Func<InferenceSession> rebuild, AbandonedCalls abandoned, TimeProvider time) : IDisposable
{
    // Much more than any engine takes; what takes longer still goes on meanwhile.
    private static readonly TimeSpan ReleaseDeadline = TimeSpan.FromSeconds(5);

    private InferenceSession? _first = first;

    public InferenceSession TakeFirst() => Interlocked.Exchange(ref _first, null)!;

    /// <exception cref="InferenceException">The engine or its device does not work.</exception>
    /// <exception cref="ModelException">The engine refuses the model.</exception>
    /// <exception cref="OperationCanceledException">The token ended the wait; what is made too late is disposed.</exception>
    public Task<InferenceSession> RebuildAsync(CancellationToken cancellationToken) => BlockingCall.MakeAsync(rebuild, cancellationToken);

    /// <summary>Releases a drained session, so that its memory is free for the next one.</summary>
    public async Task ReleaseAsync(InferenceSession session)
    {
        Task releasing = BlockingCall.RunAsync(() =>
        {
            session.Dispose();
            return true;
        });
        try
        {
            await releasing.WaitAsync(ReleaseDeadline, time);
        }
        catch (TimeoutException)
        {
            abandoned.Add(session, "its release");

            // Not awaited: it may never end.
            _ = CountBackAsync(releasing, session);
        }
        catch (InferenceException)
        {
            // The engine is broken: that is why it is being replaced, and has been said.
        }
    }

    /// <summary>Where the stream never ran, its first session is still here.</summary>
    public void Dispose() => Interlocked.Exchange(ref _first, null)?.Dispose();

    private async Task CountBackAsync(Task releasing, InferenceSession session)
    {
        await releasing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        abandoned.Remove(session);
    }
}
