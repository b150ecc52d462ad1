using System.Text;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Greengrass.EventStream;
using EdgeInference.Publishing.Tests.Mqtt;
using EdgeInference.TestServers;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Greengrass;

public sealed class IpcSessionTests : NucleusTest
{
    private static readonly IpcRequest s_request = new("aws.greengrass#Some", "{}"u8.ToArray());

    [Fact]
    public async Task CallAsync_Request_IsAsTheNucleusWantsIt()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(IpcRequest.Publish("a/ü", new byte[] { 0xfb, 0xff, 0xfe }, 1), CancellationToken.None);

        EventStreamMessage request = await nucleus.ReadAsync();
        Assert.Equal((0, 0, 1), (request.FindInt32(":message-type"), request.FindInt32(":message-flags"), request.FindInt32(":stream-id")));
        Assert.Equal("aws.greengrass#PublishToIoTCore", request.FindString("operation"));
        Assert.Equal("aws.greengrass#PublishToIoTCoreRequest", request.FindString("service-model-type"));
        Assert.Equal("application/json", request.FindString(":content-type"));
        Assert.Equal("""{"topicName":"a/ü","qos":"1","payload":"+//+"}""", Encoding.UTF8.GetString(request.Payload.Span));
        await nucleus.SendAsync(RawNucleus.Of(0, 0, 1, "{}"));

        Assert.Equal("{}", Encoding.UTF8.GetString((await calling).Payload.Span));
        EventStreamMessage end = await nucleus.ReadAsync();
        Assert.Equal((0, 2, 1), (end.FindInt32(":message-type"), end.FindInt32(":message-flags"), end.FindInt32(":stream-id")));
        Assert.Equal((3, 0), (end.Headers.Count, end.Payload.Length));
    }

    [Fact]
    public async Task CallAsync_NucleusEndsTheStreamWithTheAnswer_IsNotEndedAgain()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        await nucleus.ReadAsync();
        await nucleus.SendAsync(RawNucleus.Of(0, 2, 1, "{}"));
        await calling;

        Task<EventStreamMessage> next = nucleus.Session.CallAsync(s_request, CancellationToken.None);

        Assert.Equal(2, (await nucleus.ReadAsync()).FindInt32(":stream-id"));
        await nucleus.SendAsync(RawNucleus.Of(0, 2, 2, "{}"));
        await next;
    }

    [Fact]
    public async Task CallAsync_AnswersInAnotherOrder_ReachWhoAsked()
    {
        NucleusServer server = Server(NucleusSettings.Classic);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        IpcSession session = await rig.Connection.GetSessionAsync(CancellationToken.None);
        server.Held.Holds = true;
        Dictionary<string, Task<EventStreamMessage>> calls = Enumerable.Range(0, 50).Select(static number => $"t/{number}")
            .ToDictionary(static topic => topic, topic => session.CallAsync(IpcRequest.Publish(topic, default, 1), CancellationToken.None));
        await server.Held.WaitForAsync(50);

        // Of a publish request, this server writes the answer as soon as it is released.
        await server.Held.ReleaseAsync(49, 17);

        string[] answered = [server.Journal.Publishes[49].Topic, server.Journal.Publishes[17].Topic];
        await Task.WhenAll(answered.Select(topic => calls[topic]));
        Assert.Equal(answered.Order(), calls.Where(static call => call.Value.IsCompleted).Select(static call => call.Key).Order());
    }

    /// <summary>The classic nucleus ends a connection whose stream numbers have a gap.</summary>
    [Fact]
    public async Task CallAsync_FromManyThreads_NumbersStreamsWithoutAGap()
    {
        NucleusServer server = Server(NucleusSettings.Classic);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        IpcSession session = await rig.Connection.GetSessionAsync(CancellationToken.None);

        await Parallel.ForAsync(0, 500, async (_, token) => await session.CallAsync(IpcRequest.Publish("t", default, 1), token));

        Assert.Equal(Enumerable.Range(1, 500), server.Journal.Publishes.Select(static publish => publish.Stream));
        Assert.Empty(server.Journal.Violations);
    }

    [Fact]
    public async Task CallAsync_NumbersUsedUp_EndsTheConnection()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder, lastStreamId: 1);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        await nucleus.ReadAsync();
        await nucleus.SendAsync(RawNucleus.Of(0, 2, 1, "{}"));
        await calling;

        var exception = await Assert.ThrowsAsync<IpcException>(() => nucleus.Session.CallAsync(s_request, CancellationToken.None));

        Assert.Equal(IpcFailure.Ended, exception.Failure);
        Assert.Equal("all numbers of its streams are used up", (await nucleus.Session.Ended).Reason);
    }

    [Fact]
    public async Task CallAsync_Error_SaysWhatItIs()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        await nucleus.ReadAsync();
        await nucleus.SendAsync(RawNucleus.Of(
            1, 2, 1, """{"_message":"no\nway","_errorCode":"X"}""", EventStreamHeader.Of("service-model-type", "aws.greengrass#UnauthorizedError")));

        var exception = await Assert.ThrowsAsync<IpcException>(() => calling);

        Assert.Equal((IpcFailure.Error, true, "UnauthorizedError ('no way')"), (exception.Failure, exception.IsUnauthorized, exception.Message));
        Assert.False(nucleus.Session.Ended.IsCompleted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("InternalServerError")]
    [InlineData("[]")]
    [InlineData("""{"_errorCode":7,"_message":{}}""")]
    public async Task CallAsync_ErrorWithoutAType_IsAnError(string payload)
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        await nucleus.ReadAsync();
        await nucleus.SendAsync(RawNucleus.Of(1, 2, 1, payload));

        Assert.Equal("an error", (await Assert.ThrowsAsync<IpcException>(() => calling)).Message);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public async Task Session_ErrorOfTheConnection_EndsItWithItsText(int type)
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        await nucleus.SendAsync(RawNucleus.Of(type, 0, 0, """{"message":"invalid stream id"}"""));

        Assert.Equal(IpcFailure.Ended, (await Assert.ThrowsAsync<IpcException>(() => calling)).Failure);
        Assert.Equal("it ended the connection with an error ('invalid stream id')", (await nucleus.Session.Ended).Reason);
    }

    [Fact]
    public async Task Session_Ping_IsAnsweredWithItsPayloadAndHeaders()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);

        await nucleus.SendAsync(RawNucleus.Of(2, 0, 0, "hello", EventStreamHeader.Of("their", "own")));

        EventStreamMessage pong = await nucleus.ReadAsync();
        Assert.Equal((3, 0, 0, "own"), (pong.FindInt32(":message-type"), pong.FindInt32(":message-flags"), pong.FindInt32(":stream-id"), pong.FindString("their")));
        Assert.Equal("hello", Encoding.UTF8.GetString(pong.Payload.Span));
    }

    [Fact]
    public async Task Session_MessagesThatNobodyWaitsFor_ArePassedOver()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        foreach ((int type, int flags, int stream) in new[] { (0, 0, 99), (1, 2, -5), (3, 0, 0), (5, 1, 0), (0, 2, int.MaxValue), (6, 0, 17) })
            await nucleus.SendAsync(RawNucleus.Of(type, flags, stream));

        await nucleus.SendAsync(RawNucleus.Of(0, 2, 1, "{}"));

        await calling;
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(-1)]
    public async Task Session_MessageThatNoNucleusSends_EndsIt(int type)
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);

        await nucleus.SendAsync(RawNucleus.Of(type, 0, 0));

        Assert.Equal(IpcTroubleKind.Unusable, (await nucleus.Session.Ended).Kind);
    }

    [Fact]
    public async Task Session_MessageWithoutItsHeaders_EndsIt()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);

        await nucleus.SendAsync(new EventStreamMessage([EventStreamHeader.Of(":message-type", "0")], default));

        Assert.Contains("no header :message-type", (await nucleus.Session.Ended).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallAsync_AnswerCutAtEveryByte_EndsEachConnectionAndNothingHangs()
    {
        NucleusServer server = Server();
        NucleusEnvironment environment = NucleusEnvironment.Find(GreengrassRig.Environment(server.SocketPath, server.Token), new GreengrassOptions())!;
        int length = NucleusAnswers.Response(1, IpcRequest.PublishToIoTCore, endsStream: false).Encode().Length;
        for (int bytes = 0; bytes < length; bytes++)
        {
            server.Faults.Once(NucleusMoment.PublishAnswer, NucleusFault.Cut(bytes));
            await using IpcSession session = await IpcSession.ConnectAsync(environment, TimeProvider.System, CancellationToken.None);

            var exception = await Assert.ThrowsAsync<IpcException>(() => session.CallAsync(IpcRequest.Publish("t", default, 1), CancellationToken.None));

            Assert.Equal(IpcFailure.Ended, exception.Failure);
            Assert.Equal(IpcTroubleKind.Away, (await session.Ended).Kind);
        }
    }

    [Fact]
    public async Task CallAsync_AnswersInTwoPiecesOfEverySize_AreRead()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        server.Split = NucleusSplit.Every(1);
        await rig.PublishAsync(GreengrassRig.Reports(0, 1));

        // The answer has some 170 bytes, what comes back some 240.
        for (int bytes = 1; bytes < 250; bytes++)
        {
            server.Split = NucleusSplit.At(bytes);
            await rig.PublishAsync(GreengrassRig.Reports(bytes, 1));
        }

        Assert.Equal(MqttRig.Numbers(0, 250), server.Journal.Delivered.Select(static publish => publish.Text));
    }

    [Fact]
    public async Task CallAsync_NeverAnswered_FailsAndItsLateAnswerIsPassedOver()
    {
        var time = new FakeTimeProvider();
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder, time);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        await nucleus.ReadAsync();
        await AdvanceUntilAsync(time, calling);

        Assert.Equal(IpcFailure.NoAnswer, (await Assert.ThrowsAsync<IpcException>(() => calling)).Failure);
        Assert.Equal(2, (await nucleus.ReadAsync()).FindInt32(":message-flags"));
        await nucleus.SendAsync(RawNucleus.Of(0, 0, 1, "{}"));
        Task<EventStreamMessage> next = nucleus.Session.CallAsync(s_request, CancellationToken.None);
        await nucleus.SendAsync(RawNucleus.Of(0, 2, 2, "{}"));
        await next;
    }

    [Fact]
    public async Task CallAsync_NucleusThatReadsNothing_EndsTheConnection()
    {
        var time = new FakeTimeProvider();
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder, time);
        var large = new IpcRequest("aws.greengrass#Some", new byte[4_000_000]);
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(large, CancellationToken.None);
        await AdvanceUntilAsync(time, calling);

        Assert.Equal(IpcFailure.Ended, (await Assert.ThrowsAsync<IpcException>(() => calling)).Failure);
        Assert.Equal("it has read nothing for 20 s", (await nucleus.Session.Ended).Reason);
    }

    [Fact]
    public async Task CallAsync_GivenUp_EndsItsStream()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        using var cancellation = new CancellationTokenSource();
        Task<EventStreamMessage> calling = nucleus.Session.CallAsync(s_request, cancellation.Token);
        await nucleus.ReadAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        Assert.Equal(2, (await nucleus.ReadAsync()).FindInt32(":message-flags"));
    }

    [Fact]
    public async Task SubscribeAsync_Messages_ComeInOrderUntilTheNucleusEndsThem()
    {
        await using RawNucleus nucleus = await RawNucleus.ConnectAsync(Folder);
        var received = new List<string>();
        Task<IpcSubscription> subscribing = nucleus.Session.SubscribeAsync(
            IpcRequest.Subscribe("t"), message => received.Add(Encoding.UTF8.GetString(IpcAnswer.PayloadOf(message)!.Value.Span)), CancellationToken.None);
        await nucleus.ReadAsync();
        await nucleus.SendAsync(RawNucleus.Of(0, 0, 1, "{}"));
        await using IpcSubscription subscription = await subscribing;
        for (int i = 0; i < 5; i++)
            await nucleus.SendAsync(RawNucleus.Of(0, 0, 1, $$$"""{"message":{"topicName":"t","payload":"{{{Convert.ToBase64String([(byte)('a' + i)])}}}"}}"""));

        await nucleus.SendAsync(RawNucleus.Of(0, 2, 1));

        Assert.Equal("it ended the operation", (await subscription.Ended).Message);
        Assert.Equal(["a", "b", "c", "d", "e"], received);
        Assert.False(nucleus.Session.Ended.IsCompleted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"message":7}""")]
    [InlineData("""{"message":{"payload":7}}""")]
    [InlineData("""{"message":{"payload":"*"}}""")]
    [InlineData("""{"message":{"payload":"\ud800"}}""")]
    public void PayloadOf_WhatIsNoMessage_IsNull(string payload) => Assert.Null(IpcAnswer.PayloadOf(RawNucleus.Of(0, 0, 1, payload)));

    [Theory]
    [InlineData("""{"message":{"topicName":"t"}}""")]
    [InlineData("""{"message":{"topicName":"t","payload":null}}""")]
    [InlineData("""{"message":{"topicName":"t","payload":"","userProperties":[]}}""")]
    public void PayloadOf_MessageWithoutPayload_IsEmpty(string payload) => Assert.Equal(0, IpcAnswer.PayloadOf(RawNucleus.Of(0, 0, 1, payload))!.Value.Length);

    [Fact]
    public void Connect_Token_IsWrittenAsItIs() =>
        Assert.Equal("""{"authToken":"a+b/c=="}""", Encoding.UTF8.GetString(IpcRequest.Connect("a+b/c==").Payload.Span));
}
