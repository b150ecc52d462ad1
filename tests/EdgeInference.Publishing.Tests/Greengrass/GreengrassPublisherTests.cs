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
        server.Cloud.EchoesFirst = isClassic;
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
        await AdvanceWhileAwayUntilAsync(time, server, publishing);

        IReadOnlyList<PublishException> failures = await publishing;
        Assert.True(failures.Count > 2);
        Assert.All(failures, static failure => Assert.Equal(PublishFailure.Temporary, failure.Failure));
        Assert.Equal(MqttRig.Numbers(1, 10), server.Journal.FirstArrivals(GreengrassRig.Topic));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PublishAsync_ReportLostBehindTheNucleus_IsSentAgainOverTheSameSubscription(bool isFirst)
    {
        NucleusServer server = Server();
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        if (!isFirst)
            await rig.PublishAsync(GreengrassRig.Reports(0, 1));
        server.Cloud.Losses = 1;
        IpcSession session = await rig.Connection.GetSessionAsync(CancellationToken.None);
        Task doubted = session.Doubted;

        PublishException exception = await LoseAsync(rig, server, time, GreengrassRig.Reports(1, 3));

        Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
        Assert.Contains("it has not come back from the topic 'openvino/ssd'", exception.Message, StringComparison.Ordinal);
        await rig.PublishAsync(GreengrassRig.Reports(1, 3));
        Assert.Equal(isFirst ? ["2", "3", "1"] : ["0", "2", "3", "1"], server.Journal.FirstArrivals(GreengrassRig.Topic));
        Assert.False(Assert.Single(server.Journal.Subscriptions).IsEnded);
        Assert.False(doubted.IsCompleted);
    }

    [Fact]
    public async Task PublishAsync_NucleusLosesTheSubscription_SubscribesAnewAtTheSecondLossAndPutsOthersInDoubt()
    {
        NucleusServer server = Server();
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        await rig.PublishAsync(GreengrassRig.Reports(1, 1));
        Task doubted = (await rig.Connection.GetSessionAsync(CancellationToken.None)).Doubted;
        server.LoseSubscriptions();

        await LoseAsync(rig, server, time, GreengrassRig.Reports(2, 3));
        Assert.False(doubted.IsCompleted);
        await LoseAsync(rig, server, time, GreengrassRig.Reports(2, 1));

        Assert.True(doubted.IsCompleted);
        await rig.PublishAsync(GreengrassRig.Reports(2, 3));
        Assert.Equal([true, false], server.Journal.Subscriptions.Select(static subscription => subscription.IsEnded));
        Assert.Equal(MqttRig.Numbers(1, 4), server.Journal.FirstArrivals(GreengrassRig.Topic));
    }

    /// <summary>Nucleus lite has answered before the broker has; a new subscription each time would never take effect in time.</summary>
    [Fact]
    public async Task PublishAsync_SubscriptionTakesEffectLate_IsDeliveredAtTheRepetition()
    {
        NucleusServer server = Server();
        server.Cloud.SubscriptionLag = 1;
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        await LoseAsync(rig, server, time, GreengrassRig.Reports(1, 1));
        await rig.PublishAsync(GreengrassRig.Reports(1, 1));

        Assert.Single(server.Journal.Subscriptions);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PublishAsync_ComesBackAfterItWasGivenUp_CountsForTheRepetition(bool isClassic)
    {
        NucleusServer server = Server(isClassic ? NucleusSettings.Classic : NucleusSettings.Lite, echoes: false);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(1, 1));
        await server.Journal.WaitForPublishesAsync(1);
        await AdvanceUntilAsync(time, failing);
        Assert.Equal(PublishFailure.Temporary, (await failing).Failure);

        Task publishing = rig.PublishAsync(GreengrassRig.Reports(1, 1));
        await server.Journal.WaitForPublishesAsync(2);
        await server.DeliverAsync(GreengrassRig.Topic, "1"u8.ToArray());

        await publishing;
    }

    [Fact]
    public async Task PublishAsync_NothingEverComesBack_IsRepeatedUntilItIsGivenUpAndTriedAgainLater()
    {
        NucleusServer server = Server(echoes: false);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        for (int i = 0; i < EchoTrust.Several; i++)
        {
            Assert.DoesNotContain(rig.PublisherLog.Lines, static line => line.EventId == GreengrassRig.NoEcho);
            PublishException exception = await LoseAsync(rig, server, time, GreengrassRig.Reports(1, 3));
            Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
        }

        Assert.Contains("iot:Subscribe and iot:Receive", (await rig.PublisherLog.WaitAsync(GreengrassRig.NoEcho)).Message, StringComparison.Ordinal);
        await PublishUnconfirmedAsync(rig, server, time, MqttRig.Report(1));
        Assert.All(server.Journal.Subscriptions, static subscription => Assert.True(subscription.IsEnded));

        time.Advance(EchoTrust.AfterLosses);
        server.Cloud.Echoes = true;
        await rig.PublishAsync(GreengrassRig.Reports(2, 1));
        Assert.Single(server.Journal.Subscriptions, static subscription => !subscription.IsEnded);
    }

    [Fact]
    public async Task PublishAsync_NothingEverComesBackThoughItMust_IsNeverDelivered()
    {
        NucleusServer server = Server(echoes: false);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Confirm = true }, time);

        for (int i = 0; i < 2 * EchoTrust.Several; i++)
            Assert.Equal(PublishFailure.Temporary, (await LoseAsync(rig, server, time, GreengrassRig.Reports(1, 1))).Failure);
    }

    [Fact]
    public async Task PublishAsync_SubscriptionEndsWithReportsOnTheirWay_AreSentAgain()
    {
        NucleusServer server = Server(echoes: false);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: new FakeTimeProvider());
        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(1, 3));
        await server.Journal.WaitForAnswersAsync(3);

        await server.EndSubscriptionsAsync();

        PublishException exception = await failing;
        Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
        Assert.Contains("has ended its subscription", exception.Message, StringComparison.Ordinal);
        server.Cloud.Echoes = true;
        await rig.PublishAsync(GreengrassRig.Reports(1, 3));
    }

    /// <summary>Of a fleet whose devices have one topic, each would receive what all send.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public async Task PublishAsync_OthersPublishFarMore_GoesWithoutUnlessItMustNot(bool? confirm)
    {
        NucleusServer server = Server();
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Confirm = confirm }, time);
        await rig.PublishAsync(GreengrassRig.Reports(1, 1));
        for (int i = 0; i < EchoWatch.MostOfOthers - 1; i++)
            await server.DeliverAsync(GreengrassRig.Topic, "theirs"u8.ToArray());
        await rig.PublishAsync(GreengrassRig.Reports(2, 1));
        Assert.Empty(rig.PublisherLog.Lines);

        // It has been read when what comes behind it is answered.
        await server.DeliverAsync(GreengrassRig.Topic, "theirs"u8.ToArray());
        await rig.Commands.ReplyAsync("a", default, CancellationToken.None);
        if (confirm is null)
            await PublishUnconfirmedAsync(rig, server, time, MqttRig.Report(3));
        else
            await rig.PublishAsync(MqttRig.Report(3));

        Assert.Equal(confirm is null, Assert.Single(server.Journal.Subscriptions).IsEnded);
        LogLine[] lines = [.. rig.PublisherLog.Lines.Where(static line => line.EventId == GreengrassRig.Shared)];
        Assert.Equal(confirm is null ? 1 : 0, lines.Length);
        Assert.All(lines, static line => Assert.Contains("{thing}", line.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task PublishAsync_ServiceStopsWithReportsOnTheirWay_CountsThoseThatHaveComeBack()
    {
        NucleusServer server = Server(echoes: false);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: new FakeTimeProvider());
        using var stop = new CancellationTokenSource();
        Task publishing = rig.Publisher.PublishAsync(GreengrassRig.Reports(1, 7), stop.Token).AsTask();
        await server.Journal.WaitForAnswersAsync(5);

        // The sixth has no answer, so nothing is counted before the stop.
        server.Faults.Once(NucleusMoment.PublishAnswer, NucleusFault.NoAnswer);
        await server.DeliverAsync(GreengrassRig.Topic, "1"u8.ToArray());
        await server.Journal.WaitForPublishesAsync(6);
        await server.DeliverAsync(GreengrassRig.Topic, "2"u8.ToArray());
        FlightWindow window = (await rig.Connection.GetSessionAsync(CancellationToken.None)).Window;
        await window.EnterAsync(1, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => publishing);
        Assert.Equal((PublishFailure.Temporary, 2), (exception.Failure, exception.Delivered));
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
    public async Task PublishAsync_MayNotSubscribe_SaysSoOnceAndGoesOnAndTriesAgainLater()
    {
        NucleusServer server = Server();
        server.Subscribable = [];
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        for (int i = 1; i <= 3; i++)
        {
            await PublishUnconfirmedAsync(rig, server, time, MqttRig.Report(i));
            if (i == 2)
                time.Advance(EchoTrust.AfterDenial);
        }

        Assert.Single(rig.PublisherLog.Lines, static line => line.EventId == GreengrassRig.MayNotSubscribe && line.Level == LogLevel.Warning);
        Assert.Equal(MqttRig.Numbers(1, 3), server.Journal.Delivered.Select(static publish => publish.Text));
        server.Subscribable = ["*"];
        time.Advance(EchoTrust.AfterDenial);
        await rig.PublishAsync(MqttRig.Report(4));
        Assert.Single(server.Journal.Subscriptions);
    }

    /// <summary>Nucleus lite says so, too, when it cannot read its own configuration for a moment.</summary>
    [Fact]
    public async Task PublishAsync_MayNotSubscribeForAMoment_IsSentLaterWhereReportsHaveComeBack()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: new FakeTimeProvider());
        await rig.PublishAsync(GreengrassRig.Reports(1, 1));
        await server.EndSubscriptionsAsync();
        server.Faults.Once(NucleusMoment.Subscribe, NucleusFault.Error("UnauthorizedError", "IPC Operation not authorized."));

        // What ended the subscription has been read when this is answered.
        await rig.Commands.ReplyAsync("a", default, CancellationToken.None);
        PublishException exception = await FailAsync(rig, GreengrassRig.Reports(2, 1));

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Contains("IPC Operation not authorized.", exception.Message, StringComparison.Ordinal);
        await rig.PublishAsync(GreengrassRig.Reports(2, 1));
        Assert.Equal(2, server.Journal.Subscriptions.Count);
        Assert.Empty(rig.PublisherLog.Lines);
    }

    /// <summary>The classic nucleus does not while it has no cloud: others' reports do not suffer for it.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public async Task PublishAsync_SubscribingIsNotAnswered_IsSentLaterOverTheSameConnection(bool? confirm)
    {
        NucleusServer server = Server(NucleusSettings.Classic);
        server.Faults.Once(NucleusMoment.Subscribe, NucleusFault.NoAnswer);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, new GreengrassPublisherOptions { Confirm = confirm }, time);
        await rig.Connection.GetSessionAsync(CancellationToken.None);

        Task<PublishException> failing = FailAsync(rig, GreengrassRig.Reports(1, 1));
        await AdvanceUntilAsync(time, failing);

        Assert.Equal(PublishFailure.Temporary, (await failing).Failure);
        Assert.Empty(server.Journal.Publishes);
        await rig.PublishAsync(GreengrassRig.Reports(1, 1));
        Assert.Single(server.Journal.Clients);
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

    /// <summary>As the classic one whose thing's policy does not allow it.</summary>
    [Fact]
    public async Task PublishAsync_NucleusNeverCanSubscribe_IsRepeatedUntilItGoesWithout()
    {
        NucleusServer server = Server();
        server.Faults.At(NucleusMoment.Subscribe, static _ => NucleusFault.Error("ServiceError", "Subscribe to topic openvino/ssd failed"));
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        for (int i = 0; i < EchoTrust.Several; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            PublishException exception = await FailAsync(rig, GreengrassRig.Reports(1, 2));
            Assert.Equal((PublishFailure.Temporary, 0), (exception.Failure, exception.Delivered));
            Assert.Contains("Subscribe to topic openvino/ssd failed", exception.Message, StringComparison.Ordinal);
        }

        await PublishUnconfirmedAsync(rig, server, time, MqttRig.Report(1));
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
    public async Task PublishAsync_ReportTooLargeToComeBackToLite_WaitsForThoseBeforeItAndGoesWithoutASubscription()
    {
        NucleusServer server = Server(echoes: false);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        Task publishing = rig.PublishAsync(MqttRig.Report(1), MqttRig.Report(2), MqttRig.Report(3, bytes: 6000));
        await server.Journal.WaitForAnswersAsync(2);
        await server.DeliverAsync(GreengrassRig.Topic, "1"u8.ToArray());
        Assert.False(server.Journal.Subscriptions[0].IsEnded);
        await server.DeliverAsync(GreengrassRig.Topic, "2"u8.ToArray());
        await server.Journal.WaitAsync(() => server.Journal.Subscriptions[0].IsEnded, "the end of the subscription");
        await AdvanceUntilAsync(time, server.Journal.WaitForAnswersAsync(3));
        await AdvanceUntilAsync(time, publishing);

        await publishing;
        Assert.Single(server.Journal.Subscriptions);
        Assert.Equal([1, 1, 6000], server.Journal.Delivered.Select(static publish => publish.Payload.Length));
        Assert.Single(rig.PublisherLog.Lines, static line => line.EventId == GreengrassRig.TooLargeToComeBack);
    }

    [Fact]
    public async Task PublishAsync_TooLargeBehindOneThatIsLost_CountsNeither()
    {
        NucleusServer server = Server(echoes: false);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);

        Task<PublishException> failing = FailAsync(rig, MqttRig.Report(1), MqttRig.Report(2, bytes: 6000));
        await server.Journal.WaitForAnswersAsync(1);
        await AdvanceUntilAsync(time, failing);

        Assert.Equal((PublishFailure.Temporary, 0), ((await failing).Failure, (await failing).Delivered));
        Assert.Single(server.Journal.Publishes);
    }

    /// <summary>As after another topic was configured, with reports for the old one waiting.</summary>
    [Fact]
    public async Task PublishAsync_AnotherTopic_EndsTheSubscriptionWhenNothingIsOnItsWay()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: new FakeTimeProvider());

        await rig.PublishAsync([.. GreengrassRig.Reports(1, 3, "old"), .. GreengrassRig.Reports(4, 3)]);

        Assert.Equal(MqttRig.Numbers(1, 6), server.Journal.Delivered.Select(static publish => publish.Text));
        Assert.Equal(["old", GreengrassRig.Topic], server.Journal.Subscriptions.Select(static subscription => subscription.Filter));
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

        // An attempt over a connection that has just ended does not count.
        PublishException exception;
        do
            exception = await FailAsync(rig, [large]);
        while (exception.Failure == PublishFailure.Temporary && server.Journal.Clients.Count < 20);

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.True(server.Journal.Clients.Count >= GreengrassPublisher.MostEndsOfOneReport);
        Assert.Contains("EdgeInference:Greengrass:Nucleus", exception.Message, StringComparison.Ordinal);
        await rig.PublishUntilDeliveredAsync(MqttRig.Report(2));
    }

    /// <summary>Its connection ends while it waits for another, or we have ended it.</summary>
    [Fact]
    public async Task PublishAsync_LargeReportWhoseConnectionEndsForAnotherReason_IsNeverSetAside()
    {
        NucleusServer server = Server(NucleusSettings.Classic);
        var time = new FakeTimeProvider();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        Report large = MqttRig.Report(1, bytes: 20_000);
        server.Faults.At(NucleusMoment.PublishAnswer, static _ => NucleusFault.NoAnswer);

        for (int i = 1; i <= GreengrassPublisher.MostEndsOfOneReport + 1; i++)
        {
            int before = server.Journal.Publishes.Count;
            IpcSession session = await rig.Connection.GetSessionAsync(CancellationToken.None);
            Task<PublishException> failing = FailAsync(rig, large);
            await server.Journal.WaitForPublishesAsync(before + 1);
            session.End(new IpcTrouble(IpcTroubleKind.Away, "another stream had no answer"));
            Assert.Equal(PublishFailure.Temporary, (await failing).Failure);
            await AdvanceWhileAwayUntilAsync(time, server, server.Journal.WaitAsync(() => server.Journal.Clients.Count > before + 1, "a new connection"));
        }
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
        await AdvanceWhileAwayUntilAsync(time, server, publishing);
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

    /// <summary>One attempt whose reports do not come back; the nucleus has taken them.</summary>
    private static async Task<PublishException> LoseAsync(GreengrassRig rig, NucleusServer server, FakeTimeProvider time, params Report[] reports)
    {
        int before = server.Journal.Publishes.Count;
        Task<PublishException> failing = FailAsync(rig, reports);
        await server.Journal.WaitForAnswersAsync(before + reports.Length);
        await AdvanceUntilAsync(time, failing);
        return await failing;
    }

    /// <summary>One report that counts as delivered without coming back.</summary>
    private static async Task PublishUnconfirmedAsync(GreengrassRig rig, NucleusServer server, FakeTimeProvider time, Report report)
    {
        // The pace for these.
        time.Advance(TimeSpan.FromSeconds(1));
        int before = server.Journal.Publishes.Count;
        Task publishing = rig.PublishAsync(report);
        await server.Journal.WaitForAnswersAsync(before + 1);
        await AdvanceUntilAsync(time, publishing);
        await publishing;
    }
}
