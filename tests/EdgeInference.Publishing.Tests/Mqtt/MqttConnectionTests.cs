using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.TestSupport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Mqtt;

public sealed class MqttConnectionTests : IDisposable
{
    private const string Secret = "canary-secret";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Connection_RightUserAndPasswordFile_Connects()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { User = ("user", Secret) });
        MqttOptions options = MqttRig.Options(broker.Port);
        (options.Username, options.PasswordFile) = ("user", _certificates.Write("password", Secret + "\n"));
        await using MqttRig rig = await MqttRig.RunAsync(options);

        await rig.PublishAsync(MqttRig.Report(1));
    }

    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task Connection_WrongPassword_SaysSoAndRecoversWhenMended(MqttProtocol protocol)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { User = ("canary-user", Secret) });
        MqttOptions options = MqttRig.Options(broker.Port);
        (options.Protocol, options.Username, options.PasswordFile) = (protocol, "canary-user", _certificates.Write("password", "canary-wrong"));
        await using MqttRig rig = await MqttRig.RunAsync(options);
        Task publishing = rig.PublishAsync(MqttRig.Report(1));

        LogLine line = await rig.Log.WaitAsync(MqttRig.NeedsPerson);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains("it does not authorise this client", line.Message, StringComparison.Ordinal);

        _certificates.Write("password", Secret);
        await publishing;
    }

    [Fact]
    public async Task Connection_PasswordFileThatIsGone_SaysSo()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        MqttOptions options = MqttRig.Options(broker.Port);
        (options.Username, options.PasswordFile) = ("user", "/nowhere");
        await using MqttRig rig = await MqttRig.RunAsync(options);

        Assert.Contains("EdgeInference:Mqtt:PasswordFile: '/nowhere' does not exist", (await rig.Log.WaitAsync(MqttRig.NeedsPerson)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_SelfSignedCertificateThatIsNamed_Connects()
    {
        CertificateFiles server = _certificates.SelfSignedServer();
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = server });
        MqttOptions options = MqttRig.Options(broker.Port);
        (options.Tls, options.CaFile) = (true, server.Certificate);
        await using MqttRig rig = await MqttRig.RunAsync(options);

        await rig.PublishAsync(MqttRig.Report(1));
    }

    [Fact]
    public async Task Connection_ExpiredCertificate_IsRefused()
    {
        string day = TimeProvider.System.GetUtcNow().AddDays(-10).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        await AssertBrokerIsRefusedAsync(_certificates.ExpiredServer(), _certificates.CaFile, $"its certificate has expired on {day}");
    }

    [Fact]
    public Task Connection_CertificateOfAnotherHost_IsRefused() => AssertBrokerIsRefusedAsync(
        _certificates.ServerOf("broker.example"), _certificates.CaFile, "its certificate is not for the host name localhost but for broker.example");

    [Fact]
    public Task Connection_CertificateOfAnotherAuthority_IsRefused() => AssertBrokerIsRefusedAsync(
        _certificates.Server(), _certificates.OtherCaFile, "its certificate is signed by an unknown authority, 'CN=EdgeInference Test Root' (CaFile names the authorities to trust)");

    [Fact]
    public Task Connection_PrivateAuthorityThatIsNotNamed_IsRefused() => AssertBrokerIsRefusedAsync(
        _certificates.Server(), null, "its certificate is signed by an unknown authority, 'CN=EdgeInference Test Root' (CaFile names the authorities to trust)");

    [Fact]
    public Task Connection_CertificateForClients_IsRefused() =>
        AssertBrokerIsRefusedAsync(
            _certificates.Client(),
            _certificates.CaFile,
            "its certificate is not for this use; its certificate is not for the host name localhost but for 'CN=client'");

    [Fact]
    public async Task Connection_NoClientCertificate_SaysThatItIsRequired()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = _certificates.Server(), ClientCaFile = _certificates.CaFile });
        await AssertRefusedAsync(broker, _certificates.CaFile, null, "it requires a client certificate (CertificateFile, KeyFile)");
    }

    [Fact]
    public async Task Connection_ClientCertificateOfAnotherAuthority_SaysSo()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = _certificates.Server(), ClientCaFile = _certificates.OtherCaFile });
        await AssertRefusedAsync(broker, _certificates.CaFile, _certificates.Client(), "it refuses the client certificate: it does not know the authority that signed it");
    }

    [Fact]
    public async Task Connection_TlsToAPlainPort_SaysSo()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        MqttOptions options = MqttRig.Options(broker.Port);
        options.Tls = true;
        await using MqttRig rig = await MqttRig.RunAsync(options);

        Assert.Equal(
            $"MQTT: broker localhost:{broker.Port} is away: the TLS handshake failed; does the broker speak TLS on this port? (reports wait; said once until it is back)",
            (await rig.Log.WaitAsync(MqttRig.Away)).Message);
    }

    [Fact]
    public async Task Connection_PlainToATlsPort_SaysSo()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = _certificates.Server() });
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));

        Assert.Contains(
            "is away: it closed the connection without an answer; does it want TLS on this port?", (await rig.Log.WaitAsync(MqttRig.Away)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_BrokerDownAtStart_WaitsAndSaysItOnce()
    {
        await using MosquittoBroker broker = MosquittoBroker.Create();
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port));
        Task publishing = rig.PublishAsync(MqttRig.Reports(0, 5));
        LogLine away = await rig.Log.WaitAsync(MqttRig.Away);
        Assert.Equal($"MQTT: broker localhost:{broker.Port} is away: connection refused (reports wait; said once until it is back)", away.Message);
        Assert.True(rig.Publisher.IsAway);

        await broker.StartAsync();
        await publishing;

        Assert.False(rig.Publisher.IsAway);
        Assert.Equal([MqttRig.Away, MqttRig.ConnectedAgain], rig.Log.Lines.Select(static line => line.EventId));
    }

    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task Connection_BrokerStoppedInABatch_AllArriveInOrder(MqttProtocol protocol)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);

        await PublishOverAnEndAsync(broker, protocol, broker.StopAsync);

        await subscriber.WaitAsync(_ => subscriber.Payloads(MqttRig.Topic).Count >= 2000);
        Assert.Equal(MqttRig.Numbers(0, 2000), subscriber.Payloads(MqttRig.Topic));
    }

    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task Connection_BrokerKilledInABatch_AllThatItHadNotConfirmedArriveInOrder(MqttProtocol protocol)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);

        // So that it knows the subscriber after it was killed: it writes its sessions when it stops.
        await broker.StopAsync();
        await broker.StartAsync();
        int confirmed = await PublishOverAnEndAsync(broker, protocol, broker.KillAsync);

        // What it had confirmed and not yet passed on is lost with the memory of the broker.
        string[] rest = [.. MqttRig.Numbers(confirmed, 2000 - confirmed)];
        await subscriber.WaitAsync(messages => messages[^1].Payload == rest[^1]);
        int[] arrived = [.. subscriber.Payloads(MqttRig.Topic).Select(static text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(arrived.Order(), arrived);
        Assert.Equal(rest, subscriber.Payloads(MqttRig.Topic).TakeLast(rest.Length));
    }

    [Fact]
    public async Task Connection_CutAgainAndAgain_AllArriveInOrder()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = _certificates.Server() });
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        MqttOptions options = MqttRig.Options(proxy.Port);
        (options.Tls, options.CaFile) = (true, _certificates.CaFile);
        await using MqttRig rig = await MqttRig.RunAsync(options);
        long next = 20_000;
        proxy.WatchToServer = bytes =>
        {
            if (proxy.Connections > 3 || proxy.BytesToServer < next)
                return true;
            next += 20_000;
            return false;
        };

        IReadOnlyList<PublishException> failures = await rig.PublishUntilDeliveredAsync(MqttRig.Reports(0, 1000));

        Assert.True(failures.Count >= 3);
        await subscriber.WaitAsync(messages => subscriber.Payloads(MqttRig.Topic).Count >= 1000);
        Assert.Equal(MqttRig.Numbers(0, 1000), subscriber.Payloads(MqttRig.Topic));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_ServerThatNeverAnswers_IsGivenUpAndTriedAgain(bool tls)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = tls ? _certificates.Server() : null });
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        proxy.StallNew = true;
        MqttOptions options = MqttRig.Options(proxy.Port);
        if (tls)
            (options.Tls, options.CaFile) = (true, _certificates.CaFile);
        var time = new FakeTimeProvider();
        await using MqttRig rig = await MqttRig.RunAsync(options, time: time);
        await WaitUntilAsync(() => proxy.Connections == 1);

        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Contains("it does not answer within 20 s", (await rig.Log.WaitAsync(MqttRig.Away)).Message, StringComparison.Ordinal);

        proxy.StallNew = false;
        await WaitUntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return rig.Log.Lines.Any(static line => line.EventId == MqttRig.ConnectedAgain);
        });
    }

    [Fact]
    public async Task Connection_BrokerThatConfirmsNothing_IsDroppedAndAllArrives()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        var time = new FakeTimeProvider();
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(proxy.Port), time: time);
        await rig.PublishAsync(MqttRig.Report(0));
        proxy.DropToClient = true;
        Report[] reports = MqttRig.Reports(1, 10);
        Task publishing = rig.PublishAsync(reports);
        await subscriber.WaitAsync(static messages => messages.Count >= 11);

        time.Advance(TimeSpan.FromSeconds(20));
        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => publishing);
        Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
        Assert.Equal("the connection to the broker ended: it has not confirmed any report for 20 s", exception.Message);

        proxy.DropToClient = false;
        Task again = rig.PublishUntilDeliveredAsync(reports);
        await WaitUntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return again.IsCompleted;
        });
        await again;
        Assert.Equal(MqttRig.Numbers(0, 11), subscriber.Payloads(MqttRig.Topic));
    }

    [Fact]
    public async Task Connection_BrokerThatPassesOneOver_IsDroppedThoughItConfirmsOthers()
    {
        const int passedOver = 2;
        await using ScriptedBroker broker = ScriptedBroker.Answering(
            static identifier => identifier == passedOver ? [] : ScriptedBroker.Confirmation(identifier, 0));
        var time = new FakeTimeProvider();
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port), time: time);
        await rig.PublishAsync(MqttRig.Report(1));
        Task publishing = rig.PublishAsync(MqttRig.Report(passedOver));
        await using var other = new MqttPublisher(rig.Connection, qos: 1, retain: false);

        // The others are confirmed, so that the broker is not silent at any time.
        for (int number = 3; number < 7; number++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            if (number < 6)
                await other.PublishAsync([MqttRig.Report(number)], CancellationToken.None);
        }

        Assert.Equal(
            "the connection to the broker ended: it has not confirmed a report for 20 s", (await Assert.ThrowsAsync<PublishException>(() => publishing)).Message);
    }

    [Fact]
    public async Task Connection_ReportsOfQos0AreSentMeanwhile_OthersAreNotPassedOver()
    {
        var arrived = new SemaphoreSlim(0);
        int publications = 0;

        // The first two wait; each of those of QoS 0, which come next, lets one of them be confirmed.
        await using ScriptedBroker broker = ScriptedBroker.Answering(_ =>
        {
            int number = ++publications;
            arrived.Release();
            return number <= 2 ? [] : ScriptedBroker.Confirmation(number - 2, 0);
        });
        var time = new FakeTimeProvider();
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port), time: time);
        await using var second = new MqttPublisher(rig.Connection, qos: 1, retain: false);
        await using var other = new MqttPublisher(rig.Connection, qos: 0, retain: false);
        Task first = rig.PublishAsync(MqttRig.Report(1));
        await arrived.WaitAsync();
        Task slow = second.PublishAsync(MqttRig.Reports(2, 1), CancellationToken.None).AsTask();
        await arrived.WaitAsync();

        time.Advance(TimeSpan.FromSeconds(10));
        await other.PublishAsync(MqttRig.Reports(3, 1), CancellationToken.None);
        await first;
        time.Advance(TimeSpan.FromSeconds(10));
        await other.PublishAsync(MqttRig.Reports(4, 1), CancellationToken.None);

        await slow;
    }

    [Fact]
    public async Task Connection_BrokerThatConfirmsNothing_IsDroppedThoughReportsOfQos0GoOn()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedBroker broker = ScriptedBroker.Answering(_ =>
        {
            arrived.TrySetResult();
            return [];
        });
        var time = new FakeTimeProvider();
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(broker.Port), time: time);
        Task publishing = rig.PublishAsync(MqttRig.Report(1));
        await arrived.Task;
        await using var other = new MqttPublisher(rig.Connection, qos: 0, retain: false);

        for (int number = 2; number < 10; number++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            try
            {
                using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                await other.PublishAsync(MqttRig.Reports(number, 1), enough.Token);
            }
            catch (Exception exception) when (exception is PublishException or OperationCanceledException)
            {
                break;
            }
        }

        Assert.Equal(
            "the connection to the broker ended: it has not confirmed any report for 20 s", (await Assert.ThrowsAsync<PublishException>(() => publishing)).Message);
    }

    [Fact]
    public async Task Connection_BrokerThatFallsSilent_IsNoticedByKeepAlive()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        MqttOptions options = MqttRig.Options(proxy.Port);
        options.KeepAlive = TimeSpan.FromSeconds(5);
        await using MqttRig rig = await MqttRig.RunAsync(options);
        await rig.Log.WaitAsync(MqttRig.Connected);

        proxy.DropToClient = true;

        Assert.Contains("is away: it does not answer", (await rig.Log.WaitAsync(MqttRig.Away)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task StatusTopic_ConnectCutAndStop_TellsTheState(MqttProtocol protocol)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        MqttOptions options = MqttRig.Options(proxy.Port);
        (options.Protocol, options.StatusTopic) = (protocol, "edge/status");
        await using MqttRig rig = await MqttRig.RunAsync(options);
        await subscriber.WaitAsync(static messages => messages.Count >= 1);

        proxy.Cut();
        await subscriber.WaitAsync(static messages => messages.Count >= 3);
        await rig.StopAsync();
        await subscriber.WaitAsync(static messages => messages.Count >= 4);

        Assert.Equal(["online", "offline", "online", "offline"], subscriber.Messages.Select(static message => message.Payload));
        Assert.All(subscriber.Messages, static message => Assert.True(message.IsRetained && message.Topic == "edge/status"));
    }

    [Fact]
    public async Task StatusTopic_NotAllowed_ReportsArriveAllTheSame()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Acl = $"topic write {MqttRig.Topic}" });
        MqttOptions options = MqttRig.Options(broker.Port);
        options.StatusTopic = "edge/status";
        await using MqttRig rig = await MqttRig.RunAsync(options);

        await rig.PublishAsync(MqttRig.Report(1));

        Assert.Equal(
            "MQTT: the status cannot be published to 'edge/status': the broker does not allow this client to publish to 'edge/status'",
            (await rig.Log.WaitAsync(MqttRig.StatusFailed)).Message);
    }

    [Fact]
    public async Task Connection_UnencryptedToARemoteHost_IsWarnedOf()
    {
        await using MqttRig rig = await MqttRig.RunAsync(new MqttOptions { Host = "broker.invalid", Tls = false });

        Assert.Equal(LogLevel.Warning, (await rig.Log.WaitAsync(MqttRig.Unencrypted)).Level);
        Assert.Equal(
            "MQTT: broker broker.invalid:1883 is away: its host name is not known (reports wait; said once until it is back)",
            (await rig.Log.WaitAsync(MqttRig.Away)).Message.Replace("cannot be looked up", "is not known", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connection_StoppedWithoutABroker_EndsWaitingPublishers()
    {
        await using MqttRig rig = await MqttRig.RunAsync(MqttRig.Options(LoopbackPort.Free()));
        Task publishing = rig.PublishAsync(MqttRig.Report(1));

        await rig.StopAsync();

        Assert.Equal(PublishFailure.Temporary, (await Assert.ThrowsAsync<PublishException>(() => publishing)).Failure);
    }

    [Theory]
    [InlineData("x-amzn-mqtt-ca")]
    [InlineData(null)]
    public async Task Connection_Alpn_IsInTheHandshake(string? alpn)
    {
        CertificateFiles files = _certificates.Server();
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        MqttOptions options = MqttRig.Options(((IPEndPoint)listener.LocalEndpoint).Port);
        (options.Tls, options.CaFile, options.Alpn) = (true, _certificates.CaFile, alpn);
        await using MqttRig rig = await MqttRig.RunAsync(options);

        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ApplicationProtocols = [new SslApplicationProtocol("x-amzn-mqtt-ca"), SslApplicationProtocol.Http11],
        });

        Assert.Equal(alpn ?? "", tls.NegotiatedApplicationProtocol.ToString());
    }

    /// <summary>Publishes 2000 reports, and ends the broker and starts it again meanwhile.</summary>
    /// <returns>How many had been confirmed when it ended.</returns>
    private static async Task<int> PublishOverAnEndAsync(MosquittoBroker broker, MqttProtocol protocol, Func<Task> end)
    {
        await using TcpProxy proxy = TcpProxy.Run(broker.Port);
        MqttOptions options = MqttRig.Options(proxy.Port);
        options.Protocol = protocol;
        await using MqttRig rig = await MqttRig.RunAsync(options);

        // Neither reports nor confirmations get through any more when the broker ends.
        proxy.WatchToServer = _ =>
        {
            if (proxy.BytesToServer > 20_000)
                proxy.Pause();
            return true;
        };
        Task<IReadOnlyList<PublishException>> publishing = rig.PublishUntilDeliveredAsync(MqttRig.Reports(0, 2000));
        await WaitUntilAsync(() => proxy.IsPaused);

        await end();
        proxy.WatchToServer = null;
        proxy.Cut();
        proxy.Resume();
        await rig.Log.WaitAsync(MqttRig.Away);
        await broker.StartAsync();

        Assert.All(await publishing, static failure => Assert.Equal(PublishFailure.Temporary, failure.Failure));
        Assert.NotEmpty(await publishing);
        return rig.DeliveredBeforeFailure;
    }

    private static async Task AssertBrokerIsRefusedAsync(CertificateFiles server, string? caFile, string reason)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(new MosquittoSettings { Tls = server });
        await AssertRefusedAsync(broker, caFile, null, reason);
    }

    private static async Task AssertRefusedAsync(MosquittoBroker broker, string? caFile, CertificateFiles? client, string reason)
    {
        MqttOptions options = MqttRig.Options(broker.Port);
        (options.Tls, options.CaFile, options.CertificateFile, options.KeyFile) = (true, caFile, client?.Certificate, client?.Key);
        await using MqttRig rig = await MqttRig.RunAsync(options);

        LogLine line = await rig.Log.WaitAsync(MqttRig.NeedsPerson);

        Assert.Same(line, rig.Log.Lines[0]);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Equal(
            $"MQTT: no connection to broker localhost:{broker.Port} until somebody mends this: {reason} (reports wait; it is tried again and again)", line.Message);
    }

    private static async Task WaitUntilAsync(Func<bool> isDone)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isDone())
            await Task.Delay(20, deadline.Token);
    }
}
