using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Tests.Mqtt;
using EdgeInference.TestServers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Greengrass;

public sealed class GreengrassPublisherTests : NucleusTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PublishAsync_ManyReports_ArriveOnceInOrder(bool isClassic)
    {
        NucleusServer server = Server(isClassic ? NucleusSettings.Classic : NucleusSettings.Lite);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);

        await rig.PublishAsync(GreengrassRig.Reports(1, 60));

        Assert.Equal(MqttRig.Numbers(1, 60), server.Journal.Delivered.Select(static publish => publish.Text));
        Assert.All(server.Journal.Delivered, static publish => Assert.Equal((GreengrassRig.Topic, 1), (publish.Topic, publish.Qos)));
        await rig.DisposeAsync();
        Assert.Empty(server.Journal.Violations);
    }

    [Fact]
    public async Task PublishAsync_QosZero_DoesNotWaitForAnythingToComeBack()
    {
        NucleusServer server = Server(echoes: false);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Qos = 0 }, new FakeTimeProvider());

        await rig.PublishAsync(GreengrassRig.Reports(1, 10));

        Assert.All(server.Journal.Delivered, static publish => Assert.Equal(0, publish.Qos));
        Assert.Empty(server.Journal.Subscriptions);
    }

    [Fact]
    public async Task PublishAsync_TopicThatIsNotAllowed_WaitsForSomebodyToMendTheRecipe()
    {
        NucleusServer server = Server();
        server.Publishable = ["other/#"];
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);

        PublishException exception = await FailAsync(rig, GreengrassRig.Reports(1, 3));

        Assert.Equal((PublishFailure.Final, 0), (exception.Failure, exception.Delivered));
        Assert.Contains("'openvino/ssd'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("accessControl (aws.greengrass.ipc.mqttproxy)", exception.Message, StringComparison.Ordinal);
        server.Publishable = ["openvino/#"];
        await rig.PublishAsync(GreengrassRig.Reports(1, 3));
        Assert.Equal(MqttRig.Numbers(1, 3), server.Journal.FirstArrivals(GreengrassRig.Topic));
    }

    [Fact]
    public async Task PublishAsync_NucleusWithoutItsCloud_KeepsTheRest()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await rig.PublishAsync(GreengrassRig.Reports(1, 2));
        server.Cloud.IsConnected = false;

        PublishException exception = await FailAsync(rig, GreengrassRig.Reports(3, 2));

        Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
        Assert.Contains("Failed to publish the message.", exception.Message, StringComparison.Ordinal);
        server.Cloud.IsConnected = true;
        await rig.PublishAsync(GreengrassRig.Reports(3, 2));
        Assert.Equal(MqttRig.Numbers(1, 4), server.Journal.Delivered.Select(static publish => publish.Text));
    }

    [Fact]
    public async Task PublishAsync_RefusalInTheMiddle_SendsNothingBehindIt()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        server.Faults.At(NucleusMoment.Publish, static count => count == 3 ? NucleusFault.Error("ServiceError", "Failed to publish the message.") : null);

        PublishException exception = await FailAsync(rig, GreengrassRig.Reports(1, 5));

        Assert.Equal((PublishFailure.Temporary, 2), (exception.Failure, exception.Delivered));
        Assert.Equal(MqttRig.Numbers(1, 2), server.Journal.Delivered.Select(static publish => publish.Text));
    }

    [Fact]
    public async Task PublishAsync_LargestReport_Arrives()
    {
        NucleusServer server = Server(echoes: false);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Qos = 0 });

        await rig.PublishAsync(MqttRig.Report(1, bytes: LargestOfLite));

        Assert.Equal(LargestOfLite, Assert.Single(server.Journal.Delivered).Payload.Length);
        Assert.Equal(1, Assert.Single(server.Journal.Clients).Number);
    }

    [Fact]
    public async Task PublishAsync_ReportTooLargeForLite_IsRefusedUnsentAndNamesItsSize()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);

        PublishException exception = await FailAsync(rig, [MqttRig.Report(1), MqttRig.Report(2, bytes: LargestOfLite + 1), MqttRig.Report(3)]);

        Assert.Equal((PublishFailure.Permanent, 1), (exception.Failure, exception.Delivered));
        Assert.Contains($"{LargestOfLite + 1} bytes", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"the limit is 10000 (about {LargestOfLite} bytes of report)", exception.Message, StringComparison.Ordinal);
        Assert.Single(server.Journal.Publishes);
        Assert.Null(Assert.Single(server.Journal.Clients).End);
    }

    [Fact]
    public async Task PublishAsync_ReportTooLargeForIoTCore_IsRefusedUnsent()
    {
        NucleusServer server = Server(NucleusSettings.Classic);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        int largest = (128 * 1024) - GreengrassRig.Topic.Length;

        await rig.PublishAsync(MqttRig.Report(1, bytes: largest));
        PublishException exception = await FailAsync(rig, [MqttRig.Report(2, bytes: largest + 1)]);

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Contains("131073 bytes is larger than the limit of AWS IoT Core, 131072 bytes", exception.Message, StringComparison.Ordinal);
        Assert.Single(server.Journal.Publishes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/+/b")]
    [InlineData("a/#")]
    public async Task PublishAsync_WrongTopic_IsRefusedUnsent(string topic)
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);

        PublishException exception = await FailAsync(rig, GreengrassRig.Reports(1, 1, topic));

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Empty(server.Journal.Publishes);
    }

    [Fact]
    public async Task PublishAsync_ConnectionEndsAtEachMoment_LosesNothingAndKeepsTheOrder()
    {
        NucleusServer server = Server();
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        server.Faults.At(NucleusMoment.Accepted, static count => count % 4 == 2 ? NucleusFault.Close : null);
        server.Faults.At(NucleusMoment.Connected, static count => count % 4 == 3 ? NucleusFault.Cut(count) : null);
        server.Faults.At(NucleusMoment.SubscribeAnswer, static count => count % 4 == 2 ? NucleusFault.Cut(count) : null);
        server.Faults.At(NucleusMoment.Publish, static count => count % 7 == 3 ? NucleusFault.Close : null);
        server.Faults.At(NucleusMoment.PublishAnswer, static count => count % 5 == 2 ? NucleusFault.Cut(count) : null);

        Task<IReadOnlyList<PublishException>> publishing = rig.PublishUntilDeliveredAsync(GreengrassRig.Reports(1, 10));
        await AdvanceUntilAsync(time, publishing);

        IReadOnlyList<PublishException> failures = await publishing;
        Assert.True(failures.Count > 2);
        Assert.All(failures, static failure => Assert.Equal(PublishFailure.Temporary, failure.Failure));
        Assert.Equal(MqttRig.Numbers(1, 10), server.Journal.FirstArrivals(GreengrassRig.Topic));
    }

    [Fact]
    public async Task PublishAsync_ReportLostBehindTheNucleus_IsSentAgain()
    {
        NucleusServer server = Server();
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        await rig.PublishAsync(GreengrassRig.Reports(1, 1));
        server.Cloud.Losses = 1;

        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(2, 1));
        await server.Journal.WaitForPublishesAsync(2);
        await AdvanceUntilAsync(time, failing);

        PublishException exception = await failing;
        Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
        Assert.Contains("it has not come back from the topic 'openvino/ssd' within 10 s", exception.Message, StringComparison.Ordinal);
        await rig.PublishAsync(GreengrassRig.Reports(2, 1));
        Assert.Equal(MqttRig.Numbers(1, 2), server.Journal.Delivered.Select(static publish => publish.Text));
        Assert.Equal([true, false], server.Journal.Subscriptions.Select(static subscription => subscription.IsEnded));
    }

    [Fact]
    public async Task PublishAsync_NothingComesBack_CountsAsDeliveredWhereTheNucleusStays()
    {
        NucleusServer server = Server(echoes: false);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        Task publishing = rig.PublishAsync(GreengrassRig.Reports(1, 5));
        await server.Journal.WaitForPublishesAsync(5);
        await AdvanceUntilAsync(time, publishing);

        await publishing;
        LogLine line = await rig.PublisherLog.WaitAsync(GreengrassRig.NoEcho);
        Assert.Contains("iot:Subscribe and iot:Receive", line.Message, StringComparison.Ordinal);

        // From here on it does not even try.
        publishing = rig.PublishAsync(GreengrassRig.Reports(6, 1));
        await server.Journal.WaitAsync(() => server.Journal.Subscriptions.All(static subscription => subscription.IsEnded), "the end of the subscription");
        await AdvanceUntilAsync(time, publishing);
        await publishing;
        Assert.Single(server.Journal.Subscriptions);
    }

    /// <summary>Of the first ones, before it is known whether any comes back.</summary>
    [Fact]
    public async Task PublishAsync_OneOfTheFirstDoesNotComeBack_IsSentAgain()
    {
        NucleusServer server = Server();
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        server.Cloud.Losses = 1;

        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(1, 3));
        await server.Journal.WaitForPublishesAsync(3);
        await AdvanceUntilAsync(time, failing);

        Assert.Equal((PublishFailure.Temporary, 0), ((await failing).Failure, (await failing).Delivered));
        await rig.PublishAsync(GreengrassRig.Reports(1, 3));
        Assert.Equal(["2", "3", "1"], server.Journal.FirstArrivals(GreengrassRig.Topic));
    }

    [Fact]
    public async Task PublishAsync_NothingComesBackThoughItMust_IsNotDelivered()
    {
        NucleusServer server = Server(echoes: false);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Confirm = true }, time);

        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(1, 1));
        await server.Journal.WaitForPublishesAsync(1);
        await AdvanceUntilAsync(time, failing);

        Assert.Equal(PublishFailure.Temporary, (await failing).Failure);
    }

    [Fact]
    public async Task PublishAsync_NucleusDiesRightAfterItsAnswer_IsNotDelivered()
    {
        NucleusServer server = Server(echoes: false);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Confirm = false }, new FakeTimeProvider());

        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(1, 1));
        await server.Journal.WaitForPublishesAsync(1);
        server.CutConnections();

        PublishException exception = await failing;
        Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
        Assert.Contains("connection to the nucleus ended", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_MayNotSubscribe_SaysSoOnceAndGoesOn()
    {
        NucleusServer server = Server();
        server.Subscribable = [];
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        for (int i = 1; i <= 2; i++)
        {
            Task publishing = rig.PublishAsync(GreengrassRig.Reports(i, 1));
            await server.Journal.WaitForPublishesAsync(i);
            await AdvanceUntilAsync(time, publishing);
            await publishing;
        }

        Assert.Single(rig.PublisherLog.Lines, static line => line.EventId == GreengrassRig.MayNotSubscribe && line.Level == LogLevel.Warning);
        Assert.Equal(MqttRig.Numbers(1, 2), server.Journal.Delivered.Select(static publish => publish.Text));
    }

    /// <summary>As where its MQTT client has just started, and is not connected yet.</summary>
    [Fact]
    public async Task PublishAsync_NucleusCannotSubscribeAtFirst_WatchesAsSoonAsItCan()
    {
        NucleusServer server = Server();
        server.Cloud.IsConnected = false;
        server.Faults.At(NucleusMoment.Subscribe, static count => count <= 3 ? NucleusFault.Error("ServiceError", "Failed to bind the subscription.") : null);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        for (int i = 0; i < 3; i++)
            Assert.Equal(PublishFailure.Temporary, (await FailAsync(rig, GreengrassRig.Reports(1, 1))).Failure);
        server.Cloud.IsConnected = true;

        await rig.PublishAsync(GreengrassRig.Reports(1, 2));

        Assert.Single(server.Journal.Subscriptions);
        Assert.Equal(MqttRig.Numbers(1, 2), server.Journal.Delivered.Select(static publish => publish.Text));
    }

    /// <summary>As where it knows no such operation.</summary>
    [Fact]
    public async Task PublishAsync_NucleusNeverCanSubscribe_GoesWithout()
    {
        NucleusServer server = Server();
        server.Faults.At(NucleusMoment.Subscribe, static _ => NucleusFault.Error("ServiceError", "no"));
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        Task publishing = rig.PublishAsync(GreengrassRig.Reports(1, 8));
        await AdvanceUntilAsync(time, publishing);

        await publishing;
        Assert.Equal(MqttRig.Numbers(1, 8), server.Journal.Delivered.Select(static publish => publish.Text));
        Assert.Single(rig.PublisherLog.Lines, static line => line.EventId == GreengrassRig.NoEcho);
    }

    [Fact]
    public async Task PublishAsync_MayNotSubscribeThoughItMust_WaitsForSomebodyToMendTheRecipe()
    {
        NucleusServer server = Server();
        server.Subscribable = [];
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Confirm = true });

        PublishException exception = await FailAsync(rig, GreengrassRig.Reports(1, 1));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains("aws.greengrass#SubscribeToIoTCore", exception.Message, StringComparison.Ordinal);
        Assert.Empty(server.Journal.Publishes);
    }

    [Fact]
    public async Task PublishAsync_ReportTooLargeToComeBackToLite_GoesWithoutASubscription()
    {
        NucleusServer server = Server();
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        await rig.PublishAsync(GreengrassRig.Reports(1, 1));

        Task publishing = rig.PublishAsync(MqttRig.Report(2, bytes: 6000));
        await AdvanceUntilAsync(time, publishing);

        await publishing;
        Assert.True(Assert.Single(server.Journal.Subscriptions).IsEnded);
        Assert.Equal([1, 6000], server.Journal.Delivered.Select(static publish => publish.Payload.Length));
        Assert.Single(rig.PublisherLog.Lines, static line => line.EventId == GreengrassRig.TooLargeToComeBack);
    }

    [Fact]
    public async Task PublishAsync_ReportTooLargeToComeBackThoughItMust_IsSetAside()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Confirm = true });

        PublishException exception = await FailAsync(rig, [MqttRig.Report(1, bytes: 6000)]);

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Contains("6012 bytes is larger than the 4900 that nucleus lite can receive", exception.Message, StringComparison.Ordinal);
        Assert.Empty(server.Journal.Publishes);
    }

    /// <summary>A nucleus lite that was taken for a classic one.</summary>
    [Fact]
    public async Task PublishAsync_ReportThatEndsTheConnectionEachTime_IsSetAsideAndOthersArrive()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server.SocketPath, server.Token, isClassic: true);
        Report large = MqttRig.Report(1, bytes: 20_000);

        for (int i = 1; i < GreengrassPublisher.MostEndsOfOneReport; i++)
            Assert.Equal(PublishFailure.Temporary, (await FailAsync(rig, [large])).Failure);
        PublishException exception = await FailAsync(rig, [large]);

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Contains("EdgeInference:Greengrass:Nucleus", exception.Message, StringComparison.Ordinal);
        await rig.PublishUntilDeliveredAsync(MqttRig.Report(2));
    }

    [Fact]
    public async Task PublishAsync_NoAnswer_EndsTheConnectionAndIsSentAgain()
    {
        NucleusServer server = Server();
        server.Faults.Once(NucleusMoment.PublishAnswer, NucleusFault.NoAnswer);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(1, 1));
        await server.Journal.WaitForPublishesAsync(1);
        await AdvanceUntilAsync(time, failing);

        Assert.Contains("has not answered within 20 s", (await failing).Message, StringComparison.Ordinal);
        Task publishing = rig.PublishAsync(GreengrassRig.Reports(1, 1));
        await AdvanceUntilAsync(time, publishing);
        await publishing;
    }

    [Fact]
    public async Task PublishAsync_TwoStreams_ShareTheConnection()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);

        await Task.WhenAll(rig.PublishAsync(GreengrassRig.Reports(1, 50)), OtherStreamAsync());

        Assert.Equal(MqttRig.Numbers(1, 50), server.Journal.FirstArrivals(GreengrassRig.Topic));
        Assert.Equal(MqttRig.Numbers(101, 50), server.Journal.FirstArrivals("other"));
        Assert.Single(server.Journal.Clients);

        async Task OtherStreamAsync()
        {
            await using var other = new GreengrassPublisher(rig.Connection, new GreengrassPublisherOptions(), "line2", TimeProvider.System, rig.PublisherLog);
            await other.PublishAsync(GreengrassRig.Reports(101, 50, "other"), CancellationToken.None);
        }
    }

    [Fact]
    public async Task PublishAsync_ServiceStops_GivesUp()
    {
        NucleusServer server = Server(runs: false);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        Task publishing = rig.PublishAsync(GreengrassRig.Reports(1, 1));

        await rig.StopAsync();

        await Assert.ThrowsAsync<PublishException>(() => publishing);
    }

    // 10,000 - 16 of the frame - 192 of headers - 51 of JSON with the topic: of the rest, four letters stand for three bytes.
    private const int LargestOfLite = (10_000 - 16 - 192 - 51) / 4 * 3;

    private static async Task<PublishException> FailAsync(GreengrassRig rig, params Report[] reports) =>
        await Assert.ThrowsAsync<PublishException>(() => rig.PublishAsync(reports));

    /// <summary>Lets time pass until it is done; others run in between.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Task task)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(task, Task.Delay(2, deadline.Token));
            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
