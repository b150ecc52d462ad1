using System.Buffers;
using System.Text;
using System.Threading.Channels;
using EdgeInference.Commands;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Tests.Mqtt;

public sealed class MqttCommandTransportTests
{
    private const string Topic = "box/commands";
    private const string ReplyTopic = "box/commands/reply";
    private const int Subscribed = 3210;
    private const int Refused = 3211;

    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task Receive_Commands_ComeInOrderAndAnswersArrive(MqttProtocol protocol)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using Rig rig = await Rig.RunAsync(broker.Port, protocol);
        rig.Receive();
        await rig.Log.WaitAsync(Subscribed);

        await SendAsync(broker, "one", "two");
        Assert.Equal("one", await rig.NextAsync());
        Assert.Equal("two", await rig.NextAsync());
        await rig.Transport.ReplyAsync(ReplyTopic, "answer"u8.ToArray(), CancellationToken.None);

        await subscriber.WaitAsync(static messages => messages.Any(static message => message.Topic == ReplyTopic));
        ReceivedMessage answer = subscriber.Messages.Single(static message => message.Topic == ReplyTopic);
        Assert.Equal("answer", answer.Payload);
        Assert.False(answer.IsRetained);
        if (protocol == MqttProtocol.V5)
            Assert.Equal(("application/json", true), (answer.ContentType, answer.IsText));
    }

    /// <summary>It would be carried out at each start.</summary>
    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task Receive_RetainedCommand_IsLeftOut(MqttProtocol protocol)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await SendAsync(broker, retain: true, "retained");
        await using Rig rig = await Rig.RunAsync(broker.Port, protocol);
        rig.Receive();
        await rig.Log.WaitAsync(Subscribed);

        await SendAsync(broker, "now");

        Assert.Equal("now", await rig.NextAsync());
    }

    [Fact]
    public async Task Receive_BrokerIsKilled_SubscribesAgainWithoutAWord()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using Rig rig = await Rig.RunAsync(broker.Port);
        rig.Receive();
        await rig.Log.WaitAsync(Subscribed);
        await SendAsync(broker, "before");
        Assert.Equal("before", await rig.NextAsync());

        int before = CountSubscriptions(broker);
        await broker.KillAsync();
        await broker.StartAsync();
        await WaitUntilAsync(() => CountSubscriptions(broker) > before);
        await SendAsync(broker, "after");

        Assert.Equal("after", await rig.NextAsync());
        Assert.Single(rig.Log.Lines);
    }

    /// <summary>The service may be stopped, too: then they come right behind the broker's answer, before anybody has subscribed or receives.</summary>
    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task Receive_SentWhileAway_ComeAfterwards(MqttProtocol protocol)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using (Rig first = await Rig.RunAsync(broker.Port, protocol))
        {
            first.Receive();
            await first.Log.WaitAsync(Subscribed);
        }

        await SendAsync(broker, "one", "two");
        await using Rig second = await Rig.RunAsync(broker.Port, protocol);
        await second.ConnectionLog.WaitAsync(MqttRig.Connected);
        await SendAsync(broker, "three");
        second.Receive();

        foreach (string command in (string[])["one", "two", "three"])
            Assert.Equal(command, await second.NextAsync());
    }

    /// <summary>The session still has the subscription of an earlier configuration.</summary>
    [Fact]
    public async Task Receive_TopicWasAnotherBefore_LeavesThatOut()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using (Rig first = await Rig.RunAsync(broker.Port))
        {
            first.Receive("old/topic");
            await first.Log.WaitAsync(Subscribed);
        }

        await using Rig second = await Rig.RunAsync(broker.Port);
        second.Receive();
        await second.Log.WaitAsync(Subscribed);
        await SendAsync(broker, "old/topic", retain: false, "not for it");
        await SendAsync(broker, "for it");

        Assert.Equal("for it", await second.NextAsync());
    }

    [Theory]
    [InlineData(MqttProtocol.V5, "the broker does not allow this client to subscribe to 'box/commands'")]
    [InlineData(MqttProtocol.V311, "the broker refuses the subscription; may this client subscribe to 'box/commands'?")]
    public async Task Receive_SubscriptionIsRefused_SaysSoOnceAndReportsGoOn(MqttProtocol protocol, string reason)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { RefusesSubscriptions = true });
        await using Rig rig = await Rig.RunAsync(broker.Port, protocol);
        rig.Receive();
        LogLine line = await rig.Log.WaitAsync(Refused);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.StartsWith($"MQTT: takes no commands from 'box/commands': {reason} (", line.Message, StringComparison.Ordinal);
        await rig.Publisher.PublishAsync(MqttRig.Reports(1, 100), CancellationToken.None);
        Assert.Single(rig.ConnectionLog.Lines);

        await broker.StopAsync();
        await broker.ReconfigureAsync(new MosquittoSettings());
        await broker.StartAsync();
        await rig.Log.WaitAsync(Subscribed);
        await SendAsync(broker, "now");

        Assert.Equal("now", await rig.NextAsync());
        Assert.Equal(2, rig.Log.Lines.Count);
    }

    /// <summary>Some brokers end the connection for what they do not allow, and reports go over it.</summary>
    [Fact]
    public async Task Receive_BrokerEndsTheConnectionForIt_LeavesItForAWhile()
    {
        const byte NotAuthorized = 0x87;
        await using ScriptedBroker broker = ScriptedBroker.EndingAtSubscription(NotAuthorized);
        await using Rig rig = await Rig.RunAsync(broker.Port);
        rig.Receive();

        Assert.Contains("it ended the connection: not authorised", (await rig.Log.WaitAsync(Refused)).Message, StringComparison.Ordinal);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await rig.Publisher.PublishAsync(MqttRig.Reports(1, 3), deadline.Token);

        Assert.Equal(2, broker.Subscriptions);
        Assert.Single(rig.Log.Lines);
    }

    [Fact]
    public async Task Subscribe_BrokerDoesNotAnswer_SaysSoAndReportsGoOn()
    {
        await using ScriptedBroker broker = ScriptedBroker.Answering(static identifier => ScriptedBroker.Confirmation(identifier, 0));
        var time = new FakeTimeProvider();
        MqttOptions options = MqttRig.Options(broker.Port);
        await using MqttSession session = await MqttSession.ConnectAsync(options, new MqttEndpoint(options), received: null, time, CancellationToken.None);

        Task<string?> subscribing = session.SubscribeAsync(Topic);
        time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("the broker has not answered within 20 s", await subscribing.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.False(session.Ended.IsCompleted);
    }

    [Fact]
    public async Task Receive_CommandThatIsTooLarge_ComesCutAndAHugeOneNotAtAll()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using Rig rig = await Rig.RunAsync(broker.Port);
        rig.Receive();
        await rig.Log.WaitAsync(Subscribed);

        await SendAsync(broker, new string('x', 4096), new string('y', 100_000), new string('z', 1_000_000), "small");

        Assert.Equal(new string('x', 4096), await rig.NextAsync());
        Assert.Equal(new string('y', ICommandTransport.MaxCommandBytes + 1), await rig.NextAsync());
        Assert.Equal("small", await rig.NextAsync());
        Assert.Single(rig.ConnectionLog.Lines);
    }

    /// <summary>Nobody takes them: the newest are kept.</summary>
    [Fact]
    public async Task Receive_FloodThatNobodyTakes_KeepsTheNewest()
    {
        await using Rig rig = await Rig.RunAsync(LoopbackPort.Free());
        for (int i = 1; i <= 10_000; i++)
            rig.Connection.Received!(new MqttApplicationMessage { Topic = Topic, Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($"{i}")) });

        rig.Receive();

        Assert.Equal(10_000 - 32, rig.Transport.Dropped);
        Assert.Equal("9969", await rig.NextAsync());
        for (int i = 9970; i <= 10_000; i++)
            Assert.Equal($"{i}", await rig.NextAsync());
    }

    [Fact]
    public async Task Reply_BrokerDoesNotAllowIt_SaysSo()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Acl = "topic read box/commands\ntopic write openvino/#" });
        await using Rig rig = await Rig.RunAsync(broker.Port);

        var exception = await Assert.ThrowsAsync<PublishException>(async () => await rig.Transport.ReplyAsync(ReplyTopic, "x"u8.ToArray(), CancellationToken.None));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal("the broker does not allow this client to publish to 'box/commands/reply'", exception.Message);
        await rig.Publisher.PublishAsync(MqttRig.Reports(1, 1), CancellationToken.None);
    }

    [Fact]
    public async Task Reply_LargerThanTheBrokerTakes_IsNotSent()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { More = "max_packet_size 500" });
        await using Rig rig = await Rig.RunAsync(broker.Port);

        var exception = await Assert.ThrowsAsync<PublishException>(async () => await rig.Transport.ReplyAsync(ReplyTopic, new byte[500], CancellationToken.None));

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.EndsWith("is larger than the broker's limit of 500 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reply_NoConnection_WaitsUntilTheTokenEndsIt()
    {
        await using Rig rig = await Rig.RunAsync(LoopbackPort.Free());
        using var stop = new CancellationTokenSource();
        Task replying = rig.Transport.ReplyAsync(ReplyTopic, "x"u8.ToArray(), stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => replying);
    }

    private static int CountSubscriptions(MosquittoBroker broker) => broker.Output.Split("Sending SUBACK to edge-inference-test").Length - 1;

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(10, deadline.Token);
    }

    private static Task SendAsync(MosquittoBroker broker, params string[] commands) => SendAsync(broker, retain: false, commands);

    private static Task SendAsync(MosquittoBroker broker, bool retain, params string[] commands) => SendAsync(broker, Topic, retain, commands);

    private static async Task SendAsync(MosquittoBroker broker, string topic, bool retain, params string[] commands)
    {
        using IMqttClient client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.SubscriberPort).WithProtocolVersion(MqttProtocolVersion.V500).Build());
        foreach (string command in commands)
            await client.PublishStringAsync(topic, command, MqttQualityOfServiceLevel.AtLeastOnce, retain);
        await client.DisconnectAsync();
    }

    /// <summary>The transport as the service adds it, beside a publisher over the same connection.</summary>
    private sealed class Rig : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Channel<string> _commands = Channel.CreateUnbounded<string>();
        private readonly ServiceProvider _services;
        private Task _receiving = Task.CompletedTask;

        private Rig(MqttOptions options)
        {
            _services = new ServiceCollection()
                .AddSingleton(TimeProvider.System)
                .AddSingleton<ILogger<MqttConnection>>(ConnectionLog)
                .AddSingleton<ILogger<MqttCommandTransport>>(Log)
                .AddMqtt(options)
                .AddMqttCommands()
                .BuildServiceProvider();
            Transport = _services.GetRequiredService<ICommandTransport>();
            Publisher = (IBatchPublisher)MqttPublisher.Registration.Create(_services, new PublisherContext("line1", false, "CPU"), new MqttPublisherOptions());
        }

        public RecordingLogger<MqttConnection> ConnectionLog { get; } = new();

        public RecordingLogger<MqttCommandTransport> Log { get; } = new();

        public ICommandTransport Transport { get; }

        public IBatchPublisher Publisher { get; }

        public MqttConnection Connection => _services.GetRequiredService<MqttConnection>();

        public static async Task<Rig> RunAsync(int port, MqttProtocol protocol = MqttProtocol.V5)
        {
            MqttOptions options = MqttRig.Options(port);
            options.Protocol = protocol;
            var rig = new Rig(options);
            await rig._services.GetRequiredService<IHostedService>().StartAsync(CancellationToken.None);
            return rig;
        }

        public void Receive(string topic = Topic) => _receiving = ReceiveAsync(topic);

        public async Task<string> NextAsync()
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            return await _commands.Reader.ReadAsync(deadline.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _receiving;
            await _services.GetRequiredService<IHostedService>().StopAsync(CancellationToken.None);
            await _services.DisposeAsync();
            _stop.Dispose();
        }

        private async Task ReceiveAsync(string topic)
        {
            try
            {
                await foreach (ReadOnlyMemory<byte> command in Transport.ReceiveAsync(topic, _stop.Token))
                    _commands.Writer.TryWrite(Encoding.UTF8.GetString(command.Span));
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The test is over.
            }
        }
    }
}
