using System.Buffers;
using System.Text;
using EdgeInference.Publishing.Connections;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>Sends the reports of one stream over the connection that all streams share, many before the first is confirmed.</summary>
internal sealed class MqttPublisher(MqttConnection connection, int qos, bool retain) : IBatchPublisher
{
    private const int MostReports = 100;

    private readonly MqttQualityOfServiceLevel _qos = (MqttQualityOfServiceLevel)qos;

    public static PublisherRegistration Registration { get; } = new(
        "Mqtt",
        typeof(MqttPublisherOptions),
        static (services, _, options) =>
        {
            var mqtt = (MqttPublisherOptions)options;
            MqttConnection connection = services.GetService<MqttConnection>()
                ?? throw new InvalidOperationException("the publisher Mqtt is enabled, so EdgeInference:Mqtt:Host must name the broker");
            return new MqttPublisher(connection, mqtt.Qos, mqtt.Retain);
        })
    {
        IsDurable = true,
        IsOnByDefault = static services => services.GetService<MqttConnection>() is not null,
    };

    public bool WantsMessages => true;

    public bool IsAway => connection.IsAway;

    public string Destination => connection.Endpoint.Uri;

    // No more than the pace lets through in a second: what was delivered is written down after each batch.
    public int MaxReports => connection.Endpoint.PublishesPerSecond is > 0 and { } perSecond ? Math.Min(perSecond, MostReports) : MostReports;

    public async ValueTask PublishAsync(IReadOnlyList<Report> reports, CancellationToken cancellationToken)
    {
        // Without a limit of time: the connection itself says in the log why there is none.
        MqttSession session = await connection.GetSessionAsync(cancellationToken);
        await new BatchSender().SendAsync(reports, TrySendAsync, waitsForOthers: static _ => false, cancellationToken);

        async Task<(PublishException? Fault, Task<PublishException?>? Confirmation)> TrySendAsync(Report report)
        {
            MqttApplicationMessage message = MessageOf(report, session.IsVersion5);
            if (FindFault(message, session) is { } fault)
                return (fault, null);
            await connection.Pacer.WaitAsync(cancellationToken);
            if (!await session.ReserveAsync(cancellationToken))
                return (MqttRefusal.OfEnd(await session.Ended, report.Topic), null);
            return (null, session.PublishAsync(message));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private MqttApplicationMessage MessageOf(Report report, bool isVersion5)
    {
        var message = new MqttApplicationMessage
        {
            Topic = report.Topic,
            Payload = new ReadOnlySequence<byte>(report.Payload),
            QualityOfServiceLevel = _qos,
            Retain = retain,
        };
        if (!isVersion5)
            return message;
        message.ContentType = report.Kind == ReportKind.Result ? "application/json" : "text/plain";
        message.PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData;
        message.UserProperties =
        [
            Property("id", report.Id.ToString()),
            Property("stream", report.Stream),
            Property("model", report.Model),
        ];
        return message;
    }

    private static MqttUserProperty Property(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));

    /// <summary>What would make MQTTnet or the broker end the connection, found before it is sent.</summary>
    private PublishException? FindFault(MqttApplicationMessage message, MqttSession session)
    {
        if (MqttTopic.FindFault(message.Topic) is { } topicFault)
            return new PublishException(PublishFailure.Permanent, $"the topic '{MqttTopic.Shortened(message.Topic)}' {topicFault}");
        if ((int)_qos > session.MaxQos)
            return new PublishException(PublishFailure.Final, "the broker confirms no reports: set Qos to 0");
        if (retain && !session.CanRetain)
            return new PublishException(PublishFailure.Final, "the broker keeps no reports: set Retain to false");
        long bytes = message.Payload.Length + Encoding.UTF8.GetByteCount(message.Topic);
        if (connection.Endpoint.MaxMessageBytes is { } most && bytes > most)
            return TooLarge(bytes, most);
        if (session.MaxPacketBytes is { } mostOfPacket && MqttPacketSize.OfPublish(message) is var packet && packet > mostOfPacket)
            return TooLarge(packet, mostOfPacket);
        return null;
    }

    private static PublishException TooLarge(long bytes, long most) =>
        new(PublishFailure.Permanent, $"the report of {bytes} bytes is larger than the broker's limit of {most} bytes");
}
