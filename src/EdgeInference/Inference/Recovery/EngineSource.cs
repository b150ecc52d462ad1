namespace EdgeInference.Inference.Recovery;

/// <summary>Gives a stream its sessions, and releases them.</summary>
internal sealed class EngineSource(
    InferenceSession first, Func<InferenceSession> rebuild, AbandonedCalls abandoned, TimeProvider time) : IDisposable
{
    // Much more than any engine takes; what takes longer still goes on meanwhile.
    private static readonly TimeSpan ReleaseDeadline = TimeSpan.FromSeconds(5);

    // An inference that was cancelled ends within milliseconds, unless its engine is stuck.
    private static readonly TimeSpan CancelDeadline = TimeSpan.FromSeconds(1);

    // But for the first session and what Parts reads, all is for the one loop that keeps the stream supplied.
    private InferenceSession? _first = first;
    private SessionPlan _plan = new(first.Parts, rebuild);
    private (InferenceSession Session, SessionPlan Before)? _trial;
    private InferenceSession? _kept;

    /// <summary>What sessions are made of now.</summary>
    public RequestParts Parts => Volatile.Read(ref _plan).Parts;

    public InferenceSession TakeFirst() => Interlocked.Exchange(ref _first, null)!;

    /// <summary>From here on sessions are made as this one was; those before are remembered until it has shown that it works.</summary>
    public void Change(InferenceSession session, SessionPlan plan)
    {
        _trial = (session, _plan);
        Volatile.Write(ref _plan, plan);
    }

    /// <summary>
    /// Keeps a drained session, whose place another model takes, so that its engine is still there should that one fail at
    /// first: its files may be gone by now.
    /// </summary>
    public async Task KeepAsync(InferenceSession drained)
    {
        await ReleaseKeptAsync();
        _kept = drained;
    }

    /// <summary>Forgets what was before a session that has shown that it works.</summary>
    public async Task ConfirmAsync(InferenceSession session)
    {
        if (_trial?.Session != session || session.Inferred < InferenceSession.WarmUp)
            return;
        _trial = null;
        await ReleaseKeptAsync();
    }

    /// <summary>Goes back to what was before a session that failed in its first inferences.</summary>
    public async Task<bool> TryRevertAsync(InferenceSession failed)
    {
        await ConfirmAsync(failed);
        if (_trial is not { } trial || trial.Session != failed)
            return false;
        _trial = null;
        Volatile.Write(ref _plan, trial.Before);
        return true;
    }

    /// <summary>Makes a session with a new engine, or, after going back to a model, with the one that was kept.</summary>
    /// <exception cref="InferenceException">The engine or its device does not work.</exception>
    /// <exception cref="ModelException">The engine refuses the model.</exception>
    /// <exception cref="OperationCanceledException">The token ended the wait; what is made too late is disposed.</exception>
    public async Task<InferenceSession> RebuildAsync(CancellationToken cancellationToken)
    {
        InferenceSession? kept = _kept;
        Func<InferenceSession> compile = _plan.Rebuild;
        try
        {
            return await BlockingCall.MakeAsync(() => kept?.TryOpenAnother(kept.Requests.Count, kept.Parts) ?? compile(), cancellationToken);
        }
        finally
        {
            await ReleaseKeptAsync();
        }
    }

    /// <summary>Releases the engine that is kept for going back; it is compiled again should it be needed after all.</summary>
    public async Task ReleaseKeptAsync()
    {
        if (_kept is not { } kept)
            return;
        _kept = null;
        await ReleaseAsync(kept);
    }

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
