using System.Text;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.TestSupport;

namespace EdgeInference.Publishing.Tests.Mqtt;

public sealed class MqttPublisherTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    public enum Security
    {
        Plain,
        Tls,
        MutualTls,
    }

    [Theory]
    [InlineData(MqttProtocol.V5, Security.Plain, "MQTT 5, no TLS")]
    [InlineData(MqttProtocol.V5, Security.Tls, "MQTT 5, TLS 1.3")]
    [InlineData(MqttProtocol.V5, Security.MutualTls, "MQTT 5, TLS 1.3")]
    [InlineData(MqttProtocol.V311, Security.Plain, "MQTT 3.1.1, no TLS")]
    [InlineData(MqttProtocol.V311, Security.Tls, "MQTT 3.1.1, TLS 1.3")]
    [InlineData(MqttProtocol.V311, Security.MutualTls, "MQTT 3.1.1, TLS 1.3")]
    public async Task PublishAsync_ManyReports_ArriveInOrder(MqttProtocol protocol, Security security, string description)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings
        {
            Tls = security == Security.Plain ? null : _certificates.Server(),
            ClientCaFile = security == Security.MutualTls ? _certificates.CaFile : null,
        });
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        MqttOptions options = MqttRig.Options(broker.Port);
        options.Protocol = protocol;
        if (security != Security.Plain)
            (options.Tls, options.CaFile) = (true, _certificates.CaFile);
        if (security == Security.MutualTls)
        {
            CertificateFiles client = _certificates.Client("canary-key");
            (options.CertificateFile, options.KeyFile, options.KeyPassword) = (client.Certificate, client.Key, "canary-key");
        }

        await using MqttRig rig = await MqttRig.RunAsync(options);
        Report[] reports = MqttRig.Reports(0, 300);
        await rig.PublishAsync(reports[..100]);
        await rig.PublishAsync(reports[100..200]);
        await rig.PublishAsync(reports[200..]);

        await subscriber.WaitAsync(static messages => messages.Count >= 300);
        Assert.Equal(MqttRig.Numbers(0, 300), subscriber.Messages.Select(static message => message.Payload));
        Assert.Equal($"MQTT: connected to localhost:{broker.Port} ({description})", (await rig.Log.WaitAsync(MqttRig.Connected)).Message);
        Assert.Equal($"{(security == Security.Plain ? "mqtt" : "mqtts")}://localhost:{broker.Port}", rig.Publisher.Destination);
    }

    [Fact]
    public async Task PublishAsync_Version5_DescribesTheReport()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port), new MqttPublisherOptions { Retain = true });
        Report result = MqttRig.Report(1);
        Report ended = MqttRig.Report(2) with { Kind = ReportKind.Lifecycle, Payload = "ended"u8.ToArray(), Stream = "línea" };

        await rig.PublishAsync(result, ended);

        await subscriber.WaitAsync(static messages => messages.Count >= 2);
        ReceivedMessage[] messages = [.. subscriber.Messages];
        Assert.Equal(["application/json", "text/plain"], messages.Select(static message => message.ContentType));
        Assert.All(messages, static message => Assert.True(message.IsText && message.IsRetained));
        Assert.Equal(Properties(result), messages[0].Properties);
        Assert.Equal(Properties(ended), messages[1].Properties);

        static Dictionary<string, string> Properties(Report report) => new()
        {
            ["id"] = report.Id.ToString(),
            ["stream"] = report.Stream,
            ["model"] = report.Model,
        };
    }

    [Fact]
    public async Task PublishAsync_Qos0_Arrives()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port), new MqttPublisherOptions { Qos = 0 });

        await rig.PublishAsync(MqttRig.Reports(0, 50));

        await subscriber.WaitAsync(static messages => messages.Count >= 50);
        Assert.Equal(MqttRig.Numbers(0, 50), subscriber.Messages.Select(static message => message.Payload));
    }

    [Fact]
    public async Task PublishAsync_TopicThatIsNotAllowed_IsFinalAndArrivesInOrderOnceItIs()
    {
        const string allowed = "topic write allowed/#";
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Acl = allowed });
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));
        Report[] reports = [.. MqttRig.Reports(0, 3, "allowed/a"), .. MqttRig.Reports(3, 20, "denied")];

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(reports));
        Assert.Equal((PublishFailure.Final, 3), (exception.Failure, exception.Delivered));
        Assert.Equal("the broker does not allow this client to publish to 'denied'", exception.Message);
        PublishException again = await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(reports[3..]));
        Assert.Equal((PublishFailure.Final, 0), (again.Failure, again.Delivered));

        await broker.ReconfigureAsync(new MosquittoSettings { Acl = allowed + "\ntopic write denied" });
        await rig.PublishUntilDeliveredAsync(reports[3..]);

        await subscriber.WaitAsync(static messages => messages.Count >= 23);
        Assert.Equal(MqttRig.Numbers(0, 23), subscriber.Messages.Select(static message => message.Payload));
    }

    [Theory]
    [InlineData("a/+")]
    [InlineData("#")]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task PublishAsync_TopicThatIsNone_IsPermanent(string topic)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));

        PublishException exception = await Assert.ThrowsAsync<PublishException>(
            () => rig.PublishAsync(MqttRig.Report(1), MqttRig.Report(2, topic), MqttRig.Report(3)));

        Assert.Equal((PublishFailure.Permanent, 1), (exception.Failure, exception.Delivered));
    }

    [Fact]
    public async Task PublishAsync_LargerThanTheOption_IsPermanent()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        MqttOptions options = MqttRig.Options(broker.Port);
        options.MaxMessageBytes = 1000;
        await using MqttRig rig = await MqttRig.RunAsync(options);
        int most = 1000 - MqttRig.Topic.Length;

        PublishException exception = await Assert.ThrowsAsync<PublishException>(
            () => rig.PublishAsync(MqttRig.Report(1), MqttRig.Report(2, bytes: most), MqttRig.Report(3, bytes: most + 1), MqttRig.Report(4)));

        Assert.Equal((PublishFailure.Permanent, 2), (exception.Failure, exception.Delivered));
        Assert.Equal("the report of 1001 bytes is larger than the broker's limit of 1000 bytes", exception.Message);
        await rig.PublishAsync(MqttRig.Report(4));
        await subscriber.WaitAsync(static messages => messages.Count >= 3);
        Assert.Equal(["1", "2", "4"], subscriber.Messages.Select(static message => message.Payload.TrimEnd()));
    }

    [Fact]
    public async Task PublishAsync_LargerThanTheBrokerTakes_IsPermanentToTheByte()
    {
        const int limit = 2000;
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { More = $"max_packet_size {limit}" });
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(proxy.Port));
        await rig.PublishAsync(MqttRig.Report(1));
        long before = proxy.BytesToServer;

        int most = limit;
        while (!await IsTakenAsync(most))
            most--;

        Assert.Equal(limit, proxy.BytesToServer - before);
        Assert.Single(rig.Log.Lines, static line => line.EventId == MqttRig.Connected);
        Assert.DoesNotContain(rig.Log.Lines, static line => line.EventId == MqttRig.Away);

        async Task<bool> IsTakenAsync(int bytes)
        {
            try
            {
                await rig.PublishAsync(MqttRig.Report(1, bytes: bytes));
                return true;
            }
            catch (PublishException exception)
            {
                Assert.Equal(PublishFailure.Permanent, exception.Failure);
                Assert.Contains($"larger than the broker's limit of {limit} bytes", exception.Message, StringComparison.Ordinal);
                return false;
            }
        }
    }

    [Fact]
    public async Task PublishAsync_LimitPerSecond_HoldsForAllPublishersTogether()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        MqttOptions options = MqttRig.Options(broker.Port);
        options.PublishesPerSecond = 2;
        await using MqttRig rig = await MqttRig.RunAsync(options);
        await using var other = new MqttPublisher(rig.Connection, qos: 1, retain: false);
        await rig.PublishAsync(MqttRig.Reports(0, 1));
        await other.PublishAsync(MqttRig.Reports(0, 1), CancellationToken.None);

        using var cancellation = new CancellationTokenSource();
        Task third = rig.Publisher.PublishAsync(MqttRig.Reports(2, 1), cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
    }

    [Theory]
    [InlineData(null, 100)]
    [InlineData(0, 100)]
    [InlineData(1, 1)]
    [InlineData(30, 30)]
    [InlineData(500, 100)]
    public void MaxReports_LimitPerSecond_IsWhatGoesInASecond(int? perSecond, int expected)
    {
        using var connection = new MqttConnection(
            new MqttOptions { Host = "localhost", PublishesPerSecond = perSecond }, TimeProvider.System, new RecordingLogger<MqttConnection>());

        Assert.Equal(expected, new MqttPublisher(connection, qos: 1, retain: false).MaxReports);
    }

    [Fact]
    public async Task PublishAsync_CancelledInTheMiddle_TellsWhatWasConfirmed()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedBroker broker = ScriptedBroker.Answering(
            identifier =>
            {
                if (identifier < 4)
                    return ScriptedBroker.Confirmation(identifier, 0);
                reached.TrySetResult();
                return [];
            },
            receiveMaximum: 1);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));
        using var cancellation = new CancellationTokenSource();

        Task publishing = rig.Publisher.PublishAsync(MqttRig.Reports(1, 6), cancellation.Token).AsTask();
        await reached.Task;
        await cancellation.CancelAsync();

        // The room of the third is given to the fourth shortly before it counts as confirmed.
        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => publishing);
        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.InRange(exception.Delivered, 2, 3);
    }

    [Fact]
    public async Task PublishAsync_BrokerThatTakesFewUnconfirmed_IsNotGivenMore()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { More = "max_inflight_messages 3" });
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(proxy.Port));
        await rig.PublishAsync(MqttRig.Report(0));
        proxy.DropToClient = true;
        long before = proxy.BytesToServer;

        using var cancellation = new CancellationTokenSource();
        Task publishing = rig.Publisher.PublishAsync(MqttRig.Reports(1, 10), cancellation.Token).AsTask();
        await subscriber.WaitAsync(static messages => messages.Count >= 4);

        // By the time that what another client sends has gone all the way, more reports would have as well.
        MqttOptions options = MqttRig.Options(broker.Port);
        options.ClientId = "other";
        await using MqttRig other = await MqttRig.RunAsync(options);
        await other.PublishAsync(MqttRig.Report(0, "fence"));
        await subscriber.WaitAsync(static messages => messages.Any(static message => message.Topic == "fence"));
        Assert.Equal(MqttRig.Numbers(0, 4), subscriber.Payloads(MqttRig.Topic));
        Assert.True(proxy.BytesToServer > before);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    [Fact]
    public void OfPublish_EmptyVersion311Message_IsItsHeaderAndTopic() => Assert.Equal(
        2 + 2 + 3 + 2 + 1,
        MqttPacketSize.OfPublish(new MQTTnet.MqttApplicationMessage { Topic = "abc", QualityOfServiceLevel = MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce }));

    [Fact]
    public async Task PublishAsync_Payload_IsNotChanged()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));
        string text = string.Concat(Enumerable.Repeat("größer €", 20_000));

        await rig.PublishAsync(MqttRig.Report(1) with { Payload = Encoding.UTF8.GetBytes(text) });

        await subscriber.WaitAsync(static messages => messages.Count >= 1);
        Assert.Equal(text, subscriber.Messages[0].Payload);
    }
}
