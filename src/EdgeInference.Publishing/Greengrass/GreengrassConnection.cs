using System.Diagnostics.CodeAnalysis;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Retrying;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// Keeps one connection to the nucleus: makes it, waits for its end, and makes it again, for ever, unless the nucleus no longer knows
/// the token: then only a new process helps, and it ends this one. It says in the log what becomes of it; publishers just wait
/// for a session.
/// </summary>
internal sealed partial class GreengrassConnection : BackgroundService
{
    /// <summary>For the socket and the nucleus's answer together.</summary>
    internal static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>A connection that lives shorter counts as failed.</summary>
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);

    private readonly NucleusEnvironment _environment;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger<GreengrassConnection> _logger;
    private readonly RetryBackoff _backoff = new();
    private readonly RefusalWatch _refusals;
    private readonly OutageNews _news;
    private readonly Lock _lock = new();
    private TaskCompletionSource<IpcSession> _session = NewSource();

    public GreengrassConnection(NucleusEnvironment environment, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<GreengrassConnection> logger)
    {
        _environment = environment;
        _lifetime = lifetime;
        _time = time;
        _logger = logger;
        _refusals = new RefusalWatch(time);
        _news = new OutageNews(time);
        Limits = NucleusLimits.Of(environment.Kind);
        Pacer = new PublishPacer(PublishesPerSecond, time);
        SpacingPacer = new PublishPacer(Limits.Spacing > TimeSpan.Zero ? 1 : 0, time, Limits.Spacing);
    }

    /// <summary>IoT Core takes no more of one device.</summary>
    public static int PublishesPerSecond => 100;

    public NucleusLimits Limits { get; }

    /// <summary>Where reports go, for people.</summary>
    public string Description => $"AWS IoT Core through the Greengrass {_environment.KindName} at {_environment.SocketPath}";

    /// <summary>Holds all publishers together to the rate that IoT Core takes.</summary>
    public PublishPacer Pacer { get; }

    /// <summary>Holds those whose reports nothing confirms to the rate at which the nucleus gets rid of them.</summary>
    public PublishPacer SpacingPacer { get; }

    /// <summary>Whether the process has to end with a failing exit code, so that the nucleus starts it anew.</summary>
    public bool NeedsNewProcess { get; private set; }

    /// <summary>The session, once there is one. It may end at any time.</summary>
    /// <exception cref="PublishException">The service is stopping.</exception>
    public async ValueTask<IpcSession> GetSessionAsync(CancellationToken cancellationToken)
    {
        Task<IpcSession> session;
        lock (_lock)
            session = _session.Task;
        return await session.WaitAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // Not at the end of ExecuteAsync, which never begins where the service stops at once.
        lock (_lock)
        {
            _session.TrySetException(new PublishException(PublishFailure.Temporary, "the connection to the nucleus is closed, because the service is stopping"));

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
                if (NeedsNewProcess)
                    return;
                TimeSpan delay = _backoff.NextDelay();
                await Task.Delay(_refusals.IsSuspicious && delay > RefusalWatch.LongestDelay ? RefusalWatch.LongestDelay : delay, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping.
        }
    }

    /// <summary>Null when it did not work, which is then in the log.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong, the next attempt may work; the log says what it was.")]
    private async Task<IpcSession?> TryConnectAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            IpcSession session = await IpcSession.ConnectAsync(_environment, _time, either.Token);
            _refusals.Accept();
            return session;
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(stoppingToken);
        }
        catch (Exception exception)
        {
            IpcTrouble trouble = timeout.IsCancellationRequested
                ? new IpcTrouble(IpcTroubleKind.Away, $"it does not answer within {ConnectTimeout.TotalSeconds:0} s")
                : IpcTrouble.Of(exception);
            if (_refusals.Fail(trouble.Kind))
                EndProcess(trouble);
            else
                SayTrouble(trouble);
            return null;
        }
    }

    /// <summary>Lets publishers have a session until it ends.</summary>
    private async Task KeepAsync(IpcSession session, CancellationToken stoppingToken)
    {
        long since = _time.GetTimestamp();
        try
        {
            SayConnected();
            lock (_lock)
                _session.SetResult(session);
            IpcTrouble trouble = await WaitForEndAsync(session, stoppingToken);
            if (_time.GetElapsedTime(since) >= SteadyAfter)
                _backoff.Reset();
            SayTrouble(trouble);
        }
        finally
        {
            lock (_lock)
                _session = NewSource();
            await session.DisposeAsync();
        }
    }

    private async Task<IpcTrouble> WaitForEndAsync(IpcSession session, CancellationToken stoppingToken)
    {
        while (_news.IsUnsteady)
        {
            try
            {
                return await session.Ended.WaitAsync(OutageNews.Memory, _time, stoppingToken);
            }
            catch (TimeoutException)
            {
                // It has held for so long: that is news.
                Say(_news.Work());
            }
        }

        return await session.Ended.WaitAsync(stoppingToken);
    }

    private void EndProcess(IpcTrouble trouble)
    {
        LogTokenInvalid(Nucleus, trouble.Reason);
        NeedsNewProcess = true;
        _lifetime.StopApplication();
    }

    private static TaskCompletionSource<IpcSession> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
