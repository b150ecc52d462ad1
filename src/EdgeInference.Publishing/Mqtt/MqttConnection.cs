using System.Diagnostics.CodeAnalysis;
using EdgeInference.Publishing.Connections;
using Microsoft.Extensions.Logging;
using MQTTnet;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>Keeps the connection to the broker, and tells all who want to know, under the status topic, whether it is there.</summary>
internal sealed partial class MqttConnection : KeptConnection<MqttSession, MqttTrouble>
{
    /// <summary>For the goodbye when the service stops.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttConnection> _logger;

    public MqttConnection(MqttOptions options, TimeProvider time, ILogger<MqttConnection> logger)
        : base(time)
    {
        _options = options;
        _time = time;
        _logger = logger;
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

    protected override string OtherSide => "broker";

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Endpoint.Tls && !Endpoint.IsLoopback)
            LogUnencrypted(Endpoint.Address);
        return base.ExecuteAsync(stoppingToken);
    }

    protected override async Task<MqttSession> ConnectAsync(CancellationToken cancellationToken)
    {
        MqttSession session = await MqttSession.ConnectAsync(_options, Endpoint, Received, _time, cancellationToken);
        try
        {
            await PublishStatusAsync(session, MqttStatus.Online, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    protected override MqttTrouble TroubleOf(Exception exception, bool isTooLate) => exception switch
    {
        MqttConnectException refused => refused.Trouble,
        MqttFileException file => new MqttTrouble(MqttTroubleKind.LocalFile, $"EdgeInference:Mqtt:{file.Option}: {file.Message}"),
        _ when isTooLate => new MqttTrouble(MqttTroubleKind.Away, NoAnswer),
        _ => MqttTrouble.Of(exception),
    };

    [SuppressMessage("Design", "CA1031", Justification = "The connection is closed right after; without a goodbye the broker sends the last will, which says the same.")]
    protected override async Task SayGoodbyeAsync(MqttSession session)
    {
        using var deadline = new CancellationTokenSource(GoodbyeTimeout, _time);
        try
        {
            await PublishStatusAsync(session, MqttStatus.Offline, deadline.Token);
            await session.DisconnectAsync(deadline.Token);
        }
        catch (Exception)
        {
            // Nothing is owed: see above.
        }
    }

    private async Task PublishStatusAsync(MqttSession session, byte[] status, CancellationToken cancellationToken)
    {
        if (_options.StatusTopic is { } topic
            && await session.ReserveAsync(cancellationToken)
            && await session.PublishAsync(MqttStatus.Message(topic, status)).WaitAsync(cancellationToken) is { } refused)
        {
            LogStatusFailed(topic, refused.Message);
        }
    }
}
