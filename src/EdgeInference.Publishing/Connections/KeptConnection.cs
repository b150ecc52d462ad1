using System.Diagnostics.CodeAnalysis;
using EdgeInference.Retrying;
using Microsoft.Extensions.Hosting;

namespace EdgeInference.Publishing.Connections;

/// <summary>
/// Keeps one connection: makes it, waits for its end, and makes it again, for ever. It says in the log what becomes of it; publishers
/// just wait for a session.
/// </summary>
internal abstract partial class KeptConnection<TSession, TTrouble>(TimeProvider time) : BackgroundService
    where TSession : class, IKeptSession<TTrouble>
    where TTrouble : class, IConnectionTrouble
{
    /// <summary>For the socket and the answer of the other side together.</summary>
    internal static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>A connection that lives shorter counts as failed: two clients of one name would else end each other's in turn, every second.</summary>
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan NoticeInterval = TimeSpan.FromSeconds(0.1);

    private readonly RetryBackoff _backoff = new();
    private readonly OutageNews _news = new(time);
    private readonly Lock _lock = new();
    private TaskCompletionSource<TSession> _session = NewSource();
    private volatile bool _isAway;

    /// <summary>What an attempt met that ran into its timeout.</summary>
    protected static string NoAnswer { get; } = $"it does not answer within {ConnectTimeout.TotalSeconds:0} s";

    /// <summary>What the connection leads to, in one word.</summary>
    protected abstract string OtherSide { get; }

    /// <summary>Whether there is no session, and not just because the first attempt still runs.</summary>
    public bool IsAway => _isAway;

    /// <summary>The session, once there is one. It may end at any time.</summary>
    /// <exception cref="PublishException">The service is stopping.</exception>
    public async ValueTask<TSession> GetSessionAsync(CancellationToken cancellationToken)
    {
        Task<TSession> session;
        lock (_lock)
            session = _session.Task;
        return await session.WaitAsync(cancellationToken);
    }

    /// <summary>A session that has not ended yet: one that has is still given out until the connection notices.</summary>
    /// <exception cref="PublishException">The service is stopping.</exception>
    public async ValueTask<TSession> GetLiveSessionAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TSession session = await GetSessionAsync(cancellationToken);
            if (!session.Ended.IsCompleted)
                return session;
            await Task.Delay(NoticeInterval, time, cancellationToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // Not at the end of ExecuteAsync, which never begins where the service stops at once.
        lock (_lock)
        {
            _session.TrySetException(new PublishException(PublishFailure.Temporary, $"the connection to the {OtherSide} is closed, because the service is stopping"));

            // That nobody has waited is no fault.
            _ = _session.Task.Exception;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (await TryConnectAsync(stoppingToken) is { } session)
                    await KeepAsync(session, stoppingToken);
                if (PauseOf(_backoff.NextDelay()) is not { } pause)
                    return;
                await Task.Delay(pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping; the session has said goodbye.
        }
    }

    /// <summary>Makes a session. It does not look at the time: the token ends it.</summary>
    protected abstract Task<TSession> ConnectAsync(CancellationToken cancellationToken);

    protected abstract TTrouble TroubleOf(Exception exception, bool isTooLate);

    /// <summary>An attempt has failed.</summary>
    protected virtual void OnFailed(TTrouble trouble) => SayTrouble(trouble);

    /// <summary>How long to wait before the next attempt, where it would be <paramref name="usual"/>; null where there is none any more.</summary>
    protected virtual TimeSpan? PauseOf(TimeSpan usual) => usual;

    /// <summary>The service stops; the session is closed right after.</summary>
    protected virtual Task SayGoodbyeAsync(TSession session) => Task.CompletedTask;

    /// <summary>Null when it did not work, which is then in the log.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong, the next attempt may work; the log says what it was.")]
    private async Task<TSession?> TryConnectAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            return await ConnectAsync(either.Token);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(stoppingToken);
        }
        catch (Exception exception)
        {
            _isAway = true;
            OnFailed(TroubleOf(exception, timeout.IsCancellationRequested));
            return null;
        }
    }

    /// <summary>Lets publishers have a session until it ends.</summary>
    private async Task KeepAsync(TSession session, CancellationToken stoppingToken)
    {
        long since = time.GetTimestamp();
        try
        {
            _isAway = false;
            SayConnected(session);
            lock (_lock)
                _session.SetResult(session);
            TTrouble trouble = await WaitForEndAsync(session, stoppingToken);
            if (time.GetElapsedTime(since) >= SteadyAfter)
                _backoff.Reset();
            _isAway = true;
            SayTrouble(trouble);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await SayGoodbyeAsync(session);
            throw;
        }
        finally
        {
            lock (_lock)
                _session = NewSource();
            await session.DisposeAsync();
        }
    }

    private async Task<TTrouble> WaitForEndAsync(TSession session, CancellationToken stoppingToken)
    {
        // Where it has held for so long, that is news.
        while (_news.IsUnsteady && !await session.Ended.CompletesAsync(OutageNews.Memory, time, stoppingToken))
            Say(_news.Work());
        return await session.Ended.WaitAsync(stoppingToken);
    }

    private static TaskCompletionSource<TSession> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
