using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using EdgeInference.Retrying;

namespace EdgeInference.Inference.Recovery;

/// <summary>
/// Keeps a stream supplied with an engine that works: replaces one that fails, does not answer, or has grown beyond its
/// memory budget. The old one is released before the new one is made, since a device may not have room for both.
/// </summary>
internal sealed class EngineRecovery(
    EngineSource engines,
    RequestWatchdog watchdog,
    MemoryBudget memory,
    EngineOutage outage,
    RetryBackoff backoff,
    TimeProvider time)
{
    // An inference that was cancelled ends within milliseconds, unless its engine is stuck.
    private static readonly TimeSpan CancelDeadline = TimeSpan.FromSeconds(1);

    private InferenceSession? _session;
    private bool _hasInferred;
    private int _rebuilds;

    public int Requests => engines.Requests;

    /// <summary>The session that is in use; null while there is none.</summary>
    public InferenceSession? Session => Volatile.Read(ref _session);

    /// <summary>Engines made after the first.</summary>
    public int Rebuilds => Volatile.Read(ref _rebuilds);

    /// <summary>Gives session after session to <paramref name="sessions"/>, each when the one before is no more.</summary>
    /// <param name="sessions">Takes them.</param>
    /// <param name="stoppingToken">No more waiting for an engine that does not work.</param>
    /// <param name="endToken">No more sessions: what is in flight is cancelled, and abandoned if that does not help.</param>
    /// <exception cref="InferenceException">The first engine fails from the start, or too many engines of the process are stuck.</exception>
    public async Task RunAsync(ChannelWriter<InferenceSession> sessions, CancellationToken stoppingToken, CancellationToken endToken)
    {
        using var watching = new CancellationTokenSource();
        Task watchdogs = Task.WhenAll(
            watchdog.RunAsync(() => Session, watching.Token),
            memory.RunAsync(() => Session, watching.Token));
        try
        {
            InferenceSession? next = engines.OpenFirst();
            while (next is { } session)
            {
                Volatile.Write(ref _session, session);
                sessions.TryWrite(session);
                await ServeAsync(session, endToken);
                next = await ReplaceAsync(session, stoppingToken, endToken);
            }
        }
        catch (OperationCanceledException) when (endToken.IsCancellationRequested)
        {
            // The stream ends.
        }
        finally
        {
            await watching.CancelAsync();
            await watchdogs;
            sessions.TryComplete();
            await EndAsync();
        }
    }

    /// <summary>Waits until the session is retired and drained.</summary>
    private async Task ServeAsync(InferenceSession session, CancellationToken endToken)
    {
        await Task.WhenAny(session.Worked, session.Retired).WaitAsync(endToken);
        if (session.Worked.IsCompleted)
        {
            _hasInferred = true;
            outage.End();
        }

        await session.Retired.WaitAsync(endToken);
        if (_hasInferred && session.Fault is { } fault)
            outage.Begin(fault.Reason);
        await session.Drained.WaitAsync(endToken);
        _hasInferred |= session.Worked.IsCompleted;

        // Only now: a fault that comes while a session of a recycled engine drains is one all the same. One that threw
        // before any inference has ended well is no passing trouble of the device. One that gave no answer may be: the
        // device may still be busy with what ran before, and the limit of stuck engines ends it if not.
        if (session.Fault is not { } last)
            return;
        if (!_hasInferred && last.Exception is { } exception)
            ExceptionDispatchInfo.Throw(exception);
        outage.Begin(last.Reason);
    }

    /// <returns>Null when the stream was stopped before there was another one.</returns>
    private async Task<InferenceSession?> ReplaceAsync(InferenceSession old, CancellationToken stoppingToken, CancellationToken endToken)
    {
        try
        {
            Volatile.Write(ref _session, null);
            await engines.ReleaseAsync(old);
            if (engines.IsOneStuckTooMany(old))
                throw new InferenceException($"the engine is stuck: a request never returned, as before from {StuckEngines.Most} other engines of this process, which hold memory; restart the service, and see to the device");
            if (old.Inferred >= InferenceSession.WarmUp)
                backoff.Reset();
            if (old.Fault is null && await TryRebuildAsync(endToken) is { } next)
                return next;
        }
        finally
        {
            memory.Finish(old);
        }

        while (await WaitAsync(stoppingToken, endToken))
        {
            if (await TryRebuildAsync(endToken) is { } next)
                return next;
        }

        return null;
    }

    /// <returns>Null when the engine cannot be made now.</returns>
    private async Task<InferenceSession?> TryRebuildAsync(CancellationToken endToken)
    {
        outage.CountAttempt();
        try
        {
            InferenceSession session = await engines.RebuildAsync(endToken);
            Interlocked.Increment(ref _rebuilds);
            return session;
        }
        catch (Exception exception) when (exception is InferenceException or ModelException or OutOfMemoryException)
        {
            outage.AddFailedAttempt(exception.Message.TrimEnd('.'));
            return null;
        }
    }

    /// <returns>Whether to try again; not when the stream was stopped, since the engine would come too late for what is queued.</returns>
    private async Task<bool> WaitAsync(CancellationToken stoppingToken, CancellationToken endToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, endToken);
        await Task.Delay(backoff.NextDelay(), time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !either.IsCancellationRequested;
    }

    private async Task EndAsync()
    {
        if (Session is not { } session)
            return;
        if (session.Worked.IsCompleted && !session.Retired.IsCompleted)
            outage.End();
        session.Retire(fault: null);
        foreach (SessionRequest request in session.Requests)
            request.Cancel();
        while (!await IsDrainedSoonAsync(session))
        {
            foreach (SessionRequest request in session.Requests)
            {
                if (request.Running is { } running)
                    request.Abandon(running);
            }
        }

        await engines.ReleaseAsync(session);
        memory.Finish(session);
    }

    private async Task<bool> IsDrainedSoonAsync(InferenceSession session)
    {
        try
        {
            await session.Drained.WaitAsync(CancelDeadline, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
