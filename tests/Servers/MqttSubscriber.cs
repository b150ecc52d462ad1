using System.Buffers;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeInference.TestSupport;

/// <summary>What a subscriber got.</summary>
internal sealed record ReceivedMessage(
    string Topic, string Payload, bool IsRetained, string? ContentType, bool IsText, IReadOnlyDictionary<string, string> Properties);

/// <summary>Subscribes to everything with QoS 1 and keeps what it gets, in order. Its session outlives the connection, which it makes again.</summary>
internal sealed class MqttSubscriber : IAsyncDisposable
{
    private readonly int _port;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ReceivedMessage> _messages = [];
    private readonly SemaphoreSlim _changed = new(0);
    private Task _keeping = Task.CompletedTask;

    private MqttSubscriber(int port) => _port = port;

    public IReadOnlyList<ReceivedMessage> Messages
    {
        get
        {
            lock (_messages)
                return [.. _messages];
        }
    }

    /// <summary>The payloads of a topic, each at its first arrival.</summary>
    public IReadOnlyList<string> Payloads(string topic) =>
        [.. Messages.Where(message => message.Topic == topic).Select(static message => message.Payload).Distinct()];

    public static async Task<MqttSubscriber> RunAsync(int port)
    {
        var subscriber = new MqttSubscriber(port);
        subscriber._client.ApplicationMessageReceivedAsync += subscriber.OnMessageAsync;
        await subscriber.ConnectAsync();
        await subscriber._client.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter("#", MqttQualityOfServiceLevel.AtLeastOnce, retainAsPublished: true).Build());
        subscriber._keeping = subscriber.KeepAsync();
        return subscriber;
    }

    /// <summary>Returns when what it has is enough; fails after half a minute.</summary>
    public async Task WaitAsync(Func<IReadOnlyList<ReceivedMessage>, bool> isEnough)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            while (!isEnough(Messages))
                await _changed.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"After half a minute the subscriber has got only: {string.Join(", ", Messages.Select(static message => $"{message.Topic}={message.Payload}"))}", exception);
        }
    }

    /// <summary>Publishes over the same connection, with QoS 1.</summary>
    public Task PublishAsync(string topic, string payload) => _client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _client.Dispose();
        _stop.Dispose();
        _changed.Dispose();
    }

    private async Task KeepAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(50, _stop.Token);
                if (_client.IsConnected)
                    continue;
                try
                {
                    await ConnectAsync();
                }
                catch (Exception) when (!_stop.IsCancellationRequested)
                {
                    // The broker is down; the loop tries again.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private Task<MqttClientConnectResult> ConnectAsync() => _client.ConnectAsync(
        new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", _port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId("subscriber")
            .WithCleanStart(false)
            .WithSessionExpiryInterval(3600)
            .Build(),
        _stop.Token);

    private Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs args)
    {
        MqttApplicationMessage message = args.ApplicationMessage;
        var received = new ReceivedMessage(
            message.Topic,
            Encoding.UTF8.GetString(message.Payload.ToArray()),
            message.Retain,
            message.ContentType,
            message.PayloadFormatIndicator == MqttPayloadFormatIndicator.CharacterData,
            (message.UserProperties ?? []).ToDictionary(static property => property.Name, static property => Encoding.UTF8.GetString(property.ValueBuffer.Span)));
        lock (_messages)
            _messages.Add(received);
        _changed.Release();
        return Task.CompletedTask;
    }
}
