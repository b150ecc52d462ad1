namespace EdgeInference.Inference.Recovery;

/// <summary>
/// Makes a stream's sessions, and releases them. Both may take as long as the engine and its device like, or for ever:
/// they run on threads of their own, and whoever has to go on leaves them behind.
/// </summary>
internal sealed class EngineSource(
    IInferenceEngine first, Func<IInferenceEngine> rebuild, int requests, RequestParts parts, TimeProvider time) : IDisposable
{
    // Much more than any engine takes; what takes longer still goes on meanwhile.
    private static readonly TimeSpan ReleaseDeadline = TimeSpan.FromSeconds(5);

    private IInferenceEngine? _first = first;

    public int Requests => requests;

    public bool IsOneStuckTooMany(InferenceSession session) => parts.Abandoned.AreTooMany(session);

    public InferenceSession OpenFirst() => InferenceSession.Open(Interlocked.Exchange(ref _first, null)!, requests, parts);

    /// <exception cref="InferenceException">The engine or its device does not work.</exception>
    /// <exception cref="ModelException">The engine refuses the model.</exception>
    /// <exception cref="OperationCanceledException">The token ended the wait; what is made too late is disposed.</exception>
    public async Task<InferenceSession> RebuildAsync(CancellationToken cancellationToken)
    {
        Task<InferenceSession> building = RunBlocking(() => InferenceSession.Open(rebuild(), requests, parts));
        try
        {
            return await building.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Not awaited: a compiler may work for minutes, and the stream is to end now.
            _ = DisposeLateAsync(building);
            throw;
        }
    }

    /// <summary>Releases a drained session, so that its memory is free for the next one.</summary>
    public async Task ReleaseAsync(InferenceSession session)
    {
        Task releasing = RunBlocking(() =>
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
            parts.Abandoned.Add(session, "its release");

            // Not awaited: it may never end.
            _ = CountBackAsync(releasing, session);
        }
        catch (InferenceException)
        {
            // The engine is broken: that is why it is being replaced, and has been said.
        }
    }

    /// <summary>Where the stream never ran, its engine is still here.</summary>
    public void Dispose() => Interlocked.Exchange(ref _first, null)?.Dispose();

    private static async Task DisposeLateAsync(Task<InferenceSession> building)
    {
        await ((Task)building).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (building.IsCompletedSuccessfully)
            (await building).Dispose();
    }

    private async Task CountBackAsync(Task releasing, InferenceSession session)
    {
        await releasing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        parts.Abandoned.Remove(session);
    }

    private static Task<T> RunBlocking<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
