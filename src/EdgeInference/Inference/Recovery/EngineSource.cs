namespace EdgeInference.Inference.Recovery;

/// <summary>Gives a stream its sessions, and releases them.</summary>
internal sealed class EngineSource(
    InferenceSession first, Func<InferenceSession> rebuild, AbandonedCalls abandoned, TimeProvider time) : IDisposable
{
    // Much more than any engine takes; what takes longer still goes on meanwhile.
    private static readonly TimeSpan ReleaseDeadline = TimeSpan.FromSeconds(5);

    // An inference that was cancelled ends within milliseconds, unless its engine is stuck.
    private static readonly TimeSpan CancelDeadline = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private InferenceSession? _first = first;
    private SessionPlan _plan = new(first.Parts, rebuild);
    private (InferenceSession Session, SessionPlan Before)? _trial;

    /// <summary>What sessions are made of now.</summary>
    public RequestParts Parts => Volatile.Read(ref _plan).Parts;

    public InferenceSession TakeFirst() => Interlocked.Exchange(ref _first, null)!;

    /// <summary>From here on sessions are made as this one was; those before are remembered until it has shown that it works.</summary>
    public void Change(InferenceSession session, SessionPlan plan)
    {
        lock (_lock)
        {
            _trial = (session, _plan);
            Volatile.Write(ref _plan, plan);
        }
    }

    /// <summary>Forgets what was before a session that has shown that it works.</summary>
    public void Confirm(InferenceSession session)
    {
        lock (_lock)
        {
            if (session.Inferred >= InferenceSession.WarmUp && _trial?.Session == session)
                _trial = null;
        }
    }

    /// <summary>Goes back to what was before a session that failed in its first inferences.</summary>
    public bool TryRevert(InferenceSession failed)
    {
        Confirm(failed);
        lock (_lock)
        {
            if (_trial is not { } trial || trial.Session != failed)
                return false;
            _trial = null;
            Volatile.Write(ref _plan, trial.Before);
            return true;
        }
    }

    /// <exception cref="InferenceException">The engine or its device does not work.</exception>
    /// <exception cref="ModelException">The engine refuses the model.</exception>
    /// <exception cref="OperationCanceledException">The token ended the wait; what is made too late is disposed.</exception>
    public Task<InferenceSession> RebuildAsync(CancellationToken cancellationToken) =>
        BlockingCall.MakeAsync(Volatile.Read(ref _plan).Rebuild, cancellationToken);

    /// <summary>Cancels what is in flight, abandons it if that does not help, and releases the session.</summary>
    public async Task EndAsync(InferenceSession session)
    {
        session.Retire(fault: null);
        if (!session.Drained.IsCompleted)
        {
            foreach (SessionRequest request in session.Requests)
                request.Cancel();
        }

        while (!await session.Drained.EndsWithinAsync(CancelDeadline, time))
        {
            foreach (SessionRequest request in session.Requests)
            {
                if (request.Running is { } running)
                    request.Abandon(running);
            }
        }

        await ReleaseAsync(session);
    }

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

/// <summary>How the sessions of a model are made.</summary>
/// <param name="Parts">What their requests work with.</param>
/// <param name="Rebuild">Makes one with a new engine.</param>
internal sealed record SessionPlan(RequestParts Parts, Func<InferenceSession> Rebuild);
