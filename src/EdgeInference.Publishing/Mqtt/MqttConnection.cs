using System.Diagnostics.CodeAnalysis;
using EdgeInference.Retrying;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>
/// Keeps one connection to the broker: makes it, waits for its end, and makes it again, for ever. It says in the log
/// what becomes of it; publishers just wait for a session.
/// </summary>
internal sealed partial class MqttConnection : BackgroundService
{
    /// <summary>For TCP, TLS and the broker's answer together.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>For the goodbye when the service stops.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A connection that lives shorter counts as failed: two clients of one name would else end each other's in turn, every second.</summary>
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);

    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttConnection> _logger;
    private readonly RetryBackoff _backoff = new();
    private readonly OutageNews _news;
    private readonly Lock _lock = new();
    private TaskCompletionSource<MqttSession> _session = NewSource();

    public MqttConnection(MqttOptions options, TimeProvider time, ILogger<MqttConnection> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _news = new OutageNews(time);
        Endpoint = new MqttEndpoint(options);
        Pacer = new PublishPacer(Endpoint.PublishesPerSecond, time);
    }

    public MqttEndpoint Endpoint { get; }

    /// <summary>Holds all publishers together to the rate that the broker takes.</summary>
    public PublishPacer Pacer { get; }

    /// <summary>
    /// Gets what arrives over any session, also what the broker has kept for this client. It must not block: a session reads nothing
    /// else meanwhile. To be set before the connection is started.
    /// </summary>
    public Action<MqttApplicationMessage>? Received { get; set; }

    /// <summary>The session, once there is one. It may end at any time.</summary>
    /// <exception cref="PublishException">The service is stopping.</exception>
    public async ValueTask<MqttSession> GetSessionAsync(CancellationToken cancellationToken)
    {
        Task<MqttSession> session;
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
            _session.TrySetException(new PublishException(PublishFailure.Temporary, "the connection to the broker is closed, because the service is stopping"));

            // That nobody has waited is no fault.
            _ = _session.Task.Exception;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Endpoint.Tls && !Endpoint.IsLoopback)
            LogUnencrypted(Endpoint.Address);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (await TryConnectAsync(stoppingToken) is { } session)
                    await KeepAsync(session, stoppingToken);
                await Task.Delay(_backoff.NextDelay(), _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping; the session has said goodbye.
        }
    }

    /// <summary>Null when it did not work, which is then in the log.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong, the next attempt may work; the log says what it was.")]
    private async Task<MqttSession?> TryConnectAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        MqttSession? session = null;
        try
        {
            session = await MqttSession.ConnectAsync(_options, Endpoint, Received, _time, either.Token);
            if (_options.StatusTopic is not null)
                await PublishStatusAsync(session, MqttStatus.Online, either.Token);
            return session;
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            if (session is not null)
                await session.DisposeAsync();
            throw new OperationCanceledException(stoppingToken);
        }
        catch (Exception exception)
        {
            if (session is not null)
                await session.DisposeAsync();
            SayTrouble(exception switch
            {
                MqttConnectException refused => refused.Trouble,
                MqttFileException file => new MqttTrouble(MqttTroubleKind.LocalFile, $"EdgeInference:Mqtt:{file.Option}: {file.Message}"),
                _ when timeout.IsCancellationRequested => new MqttTrouble(MqttTroubleKind.Away, $"it does not answer within {ConnectTimeout.TotalSeconds:0} s"),
                _ => MqttTrouble.Of(exception),
            });
            return null;
        }
    }

    /// <summary>Lets publishers have a session until it ends.</summary>
    private async Task KeepAsync(MqttSession session, CancellationToken stoppingToken)
    {
        long since = _time.GetTimestamp();
        try
        {
            SayConnected(session);
            lock (_lock)
                _session.SetResult(session);
            MqttTrouble trouble = await WaitForEndAsync(session, stoppingToken);
            if (_time.GetElapsedTime(since) >= SteadyAfter)
                _backoff.Reset();
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

    private async Task PublishStatusAsync(MqttSession session, byte[] status, CancellationToken cancellationToken)
    {
        string topic = _options.StatusTopic!;
        if (await session.ReserveAsync(cancellationToken)
            && await session.PublishAsync(MqttStatus.Message(topic, status)).WaitAsync(cancellationToken) is { } refused)
        {
            LogStatusFailed(topic, refused.Message);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The connection is closed right after; without a goodbye the broker sends the last will, which says the same.")]
    private async Task SayGoodbyeAsync(MqttSession session)
    {
        using var deadline = new CancellationTokenSource(GoodbyeTimeout, _time);
        try
        {
            if (_options.StatusTopic is not null)
                await PublishStatusAsync(session, MqttStatus.Offline, deadline.Token);
            await session.DisconnectAsync(deadline.Token);
        }
        catch (Exception)
        {
            // Nothing is owed: see above.
        }
    }

    private async Task<MqttTrouble> WaitForEndAsync(MqttSession session, CancellationToken stoppingToken)
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

    private static TaskCompletionSource<MqttSession> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
