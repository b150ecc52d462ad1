using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using EdgeInference.Retrying;
using EdgeInference.Streams;

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
    StuckEngines stuck,
    TimeProvider time)
{
    // An inference that was cancelled ends within milliseconds, unless its engine is stuck.
    private static readonly TimeSpan CancelDeadline = TimeSpan.FromSeconds(1);

    // Seconds on a processor, half a minute on some accelerators. What takes longer is not given up: it is only said.
    private static readonly TimeSpan CompileDeadline = TimeSpan.FromMinutes(1);

    // Nothing is known of such compilers; a service that waits for longer is restarted, where somebody watches over it.
    private static readonly TimeSpan LongestCompilation = TimeSpan.FromMinutes(30);

    private static readonly StreamActivity Working = new("inferring");
    private static readonly StreamActivity Rebuilding = new("rebuilding the engine", LongestCompilation, IsOutage: true);

    private readonly RetryBackoff _backoff = new();
    private readonly Heartbeat _heartbeat = new(Working);
    private InferenceSession? _session;
    private int _rebuilds;
    private bool _isStuckForGood;

    /// <summary>The session that is in use; null while there is none.</summary>
    public InferenceSession? Session => Volatile.Read(ref _session);

    /// <summary>Engines made after the first.</summary>
    public int Rebuilds => Volatile.Read(ref _rebuilds);

    /// <summary>What is done about the engine; null while there is one that is in use.</summary>
    public StreamActivity? Activity => _heartbeat.Activity is { Limit: not null } activity ? activity : null;

    /// <summary>Grows with each step of a rebuild.</summary>
    public long Steps => _heartbeat.Declarations;

    /// <summary>Whether too many engines of the process are stuck, so that only another process can go on.</summary>
    public bool IsStuckForGood => Volatile.Read(ref _isStuckForGood);

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

    /// <summary>Waits until the session is retired and drained.</summary>
    private async Task ServeAsync(InferenceSession session, CancellationToken endToken)
    {
        await Task.WhenAny(session.Worked, session.Retired).WaitAsync(endToken);
        if (session.Worked.IsCompleted)
            outage.End();
        await session.Retired.WaitAsync(endToken);
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
    /// Whether model and device do not go together: the first engine threw before any inference had ended well. One that gave
    /// no answer may be in passing trouble, the device still busy with what ran before; and so may be any engine that comes
    /// after such a one, which holds on to its memory. The limit of stuck engines ends that.
    /// </summary>
    private bool IsFinal(InferenceSession session, EngineFault fault) =>
        Rebuilds == 0 && !session.Worked.IsCompleted && fault.Exception is not null;

    /// <returns>Null when the stream was stopped before there was another one.</returns>
    private async Task<InferenceSession?> ReplaceAsync(InferenceSession old, CancellationToken stoppingToken, CancellationToken endToken)
    {
        Volatile.Write(ref _session, null);
        _heartbeat.Declare(Rebuilding);
        await ReleaseAsync(old);
        Volatile.Write(ref _isStuckForGood, stuck.IsOneTooMany(old));
        if (IsStuckForGood)
            throw new InferenceException($"the engine is stuck: a call never returned, as before from {StuckEngines.Most} other engines of this process, which hold memory; restart the service, and see to the device");
        if (old.Inferred >= InferenceSession.WarmUp)
            _backoff.Reset();
        if (old.Fault is null && await TryRebuildAsync(endToken) is { } recycled)
            return recycled;
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
        _heartbeat.Declare(Rebuilding);
        try
        {
            Task<InferenceSession> building = engines.RebuildAsync(endToken);
            if (!await EndsWithinAsync(building, CompileDeadline))
                outage.AddSlowAttempt(CompileDeadline);
            InferenceSession session = await building;
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
        await Task.Delay(_backoff.NextDelay(), time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        while (!await EndsWithinAsync(session.Drained, CancelDeadline))
        {
            foreach (SessionRequest request in session.Requests)
            {
                if (request.Running is { } running)
                    request.Abandon(running);
            }
        }

        await ReleaseAsync(session);
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

    /// <summary>Whether a task ends in time, however it ends.</summary>
    private async Task<bool> EndsWithinAsync(Task task, TimeSpan deadline)
    {
        await task.WaitAsync(deadline, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }
}
