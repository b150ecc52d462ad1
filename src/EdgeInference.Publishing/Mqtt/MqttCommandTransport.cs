using System.Buffers;
using EdgeInference.Commands;
using EdgeInference.Publishing.Connections;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>
/// Commands over the connection to the broker that reports take. The subscription is of QoS 1 and part of the session, so that the
/// broker keeps what comes while the connection is away, as long as it keeps the session.
/// </summary>
internal sealed partial class MqttCommandTransport : ICommandTransport
{
    /// <summary>Before a subscription is tried again that the broker has refused, or has closed the connection for.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private readonly MqttConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OutageNews _news;
    private readonly CommandQueue _arrived = new();

    public MqttCommandTransport(MqttConnection connection, TimeProvider time, ILogger<MqttCommandTransport> logger)
    {
        (_connection, _time, _logger, _news) = (connection, time, logger, new OutageNews(time));
        connection.Received = OnReceived;
    }

    public string Name => "MQTT";

    public long Dropped => _arrived.Dropped;

    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(string topic, CancellationToken cancellationToken) =>
        _arrived.ReceiveAsync(topic, KeepSubscribedAsync, cancellationToken);

    public async ValueTask ReplyAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        MqttSession session = await _connection.GetSessionAsync(cancellationToken);
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new ReadOnlySequence<byte>(payload),
            QualityOfServiceLevel = session.MaxQos > 0 ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.AtMostOnce,
        };
        if (session.IsVersion5)
        {
            message.ContentType = "application/json";
            message.PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData;
        }

        if (session.MaxPacketBytes is { } most && MqttPacketSize.OfPublish(message) is var bytes && bytes > most)
            throw new PublishException(PublishFailure.Permanent, $"the answer of {bytes} bytes is larger than the broker's limit of {most} bytes");
        await _connection.Pacer.WaitAsync(cancellationToken);
        if (!await session.ReserveAsync(cancellationToken))
            throw MqttRefusal.OfEnd(await session.Ended, topic);
        if (await session.PublishAsync(message).WaitAsync(cancellationToken) is { } refused)
            throw refused;
    }

    /// <summary>On the thread that reads the connection. A retained message is not meant for now: it would be carried out at each start.</summary>
    private void OnReceived(MqttApplicationMessage message)
    {
        if (!message.Retain)
            _arrived.Add(message.Topic, message.Payload);
    }

    private async Task KeepSubscribedAsync(string topic, CancellationToken cancellationToken)
    {
        bool endedBefore = false;
        while (true)
        {
            MqttSession session = await _connection.GetLiveSessionAsync(cancellationToken);
            string? refusal = await session.SubscribeAsync(topic).WaitAsync(cancellationToken);
            bool hasEnded = refusal is not null && session.Ended.IsCompleted;

            // Once may be by chance. A broker that closes the connection for it must not do so without pause: reports go over it.
            bool isByChance = hasEnded && !endedBefore;
            endedBefore = hasEnded;
            if (!isByChance)
                Say(topic, refusal);
            if (hasEnded && !isByChance)
                await Task.Delay(RetryInterval, _time, cancellationToken);
            else
                await session.Ended.CompletesAsync(refusal is null ? Timeout.InfiniteTimeSpan : RetryInterval, _time, cancellationToken);
        }
    }
}
