using System.Net.Sockets;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>The test server's limits, and that it goes wrong as it is told to.</summary>
public sealed class NucleusFaultTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nucleus-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Publish_DeniedTopic_IsAnsweredLiterallyAndTheConnectionStays()
    {
        await using NucleusServer server = Run();
        server.Publishable = ["a/c"];
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);

        await client.SendAsync(NucleusBytes.Publish);
        Assert.Equal(NucleusBytes.Denied, await client.ReceiveAsync());
        await client.SendAsync(RawNucleusClient.Publish(2, "a/c", [1]));
        await client.ReceiveAsync();

        Assert.Equal([NucleusOutcome.Refused, NucleusOutcome.Delivered], server.Journal.Publishes.Select(static publish => publish.Outcome));
        Assert.Empty(server.Journal.Violations);
    }

    [Fact]
    public async Task Publish_MoreThanTenUnacknowledged_IsRefusedUntilTheBrokerAcknowledges()
    {
        await using NucleusServer server = Run();
        server.Cloud.Acknowledges = false;
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        for (int stream = 1; stream <= 12; stream++)
        {
            await client.SendAsync(RawNucleusClient.Publish(stream, "a", [(byte)stream]));
            await client.ReceiveAsync();
        }

        Assert.Equal(10, server.Journal.Publishes.Count(static publish => publish.Outcome == NucleusOutcome.Waiting));
        Assert.Equal(["ServiceError: Failed to publish the message."], server.Journal.Publishes.Skip(10).Select(static publish => publish.Error).Distinct());

        server.Cloud.Acknowledge(1);
        await client.SendAsync(RawNucleusClient.Publish(13, "a", [13]));
        await client.ReceiveAsync();
        server.Cloud.Acknowledges = true;
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13], server.Journal.Delivered.Select(static publish => (int)publish.Payload[0]));
    }

    [Fact]
    public async Task Publish_BufferFull_IsAnsweredLiterally()
    {
        await using NucleusServer server = Run();
        server.Cloud.Acknowledges = false;
        using RawNucleusClient first = await RawNucleusClient.ConnectAsync(server);

        // 1 + 2 bytes of header, 2 + 1 of topic, 2 of packet id and 1 of properties go with each: the third fills the 15,000 to the last.
        for (int stream = 1; stream <= 2; stream++)
        {
            await first.SendAsync(RawNucleusClient.Publish(stream, "a", new byte[7200]));
            await first.ReceiveAsync();
        }

        await first.SendAsync(RawNucleusClient.Publish(3, "a", new byte[15_000 - (2 * 7209) - 9]));
        await first.ReceiveAsync();
        using RawNucleusClient second = await RawNucleusClient.ConnectAsync(server);
        await second.SendAsync(NucleusBytes.Publish);
        Assert.Equal(NucleusBytes.Full, await second.ReceiveAsync());
        Assert.Equal([true, true, true, false], server.Journal.Publishes.Select(static publish => publish.Outcome == NucleusOutcome.Waiting));
    }

    [Fact]
    public async Task Publish_BrokerAway_IsRefusedByLiteAndSpooledByClassic()
    {
        await using NucleusServer lite = NucleusServer.Run(_folder.CreateSubdirectory("lite").FullName);
        await using NucleusServer classic = NucleusServer.Run(_folder.CreateSubdirectory("classic").FullName, NucleusSettings.Classic);
        foreach (NucleusServer server in new[] { lite, classic })
        {
            server.Cloud.IsConnected = false;
            using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
            await client.SendAsync(RawNucleusClient.Publish(1, "a", [1]));
            await client.ReceiveAsync();
            server.Cloud.IsConnected = true;
        }

        Assert.Empty(lite.Journal.Delivered);
        Assert.Single(classic.Journal.Delivered);
    }

    [Fact]
    public async Task Publish_Lost_IsAnsweredAndNotDelivered()
    {
        await using NucleusServer server = Run();
        server.Cloud.Losses = 1;
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        await client.SendAsync(NucleusBytes.Publish);
        Assert.Equal(NucleusBytes.Published, await client.ReceiveAsync());
        Assert.Equal(NucleusOutcome.Lost, Assert.Single(server.Journal.Publishes).Outcome);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Split_Pieces_ArriveInPieces(int length)
    {
        await using NucleusServer server = Run();
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        server.Split = NucleusSplit.Every(length);
        await client.SendAsync(NucleusBytes.Publish);

        var answer = new List<byte>();
        byte[] some = new byte[1024];
        int pieces = 0;
        for (; answer.Count < NucleusBytes.Published.Length; pieces++)
        {
            int received = await client.ReceiveSomeAsync(some);
            Assert.NotEqual(0, received);
            answer.AddRange(some[..received]);
        }

        // On a busy machine several are there before one of them is read.
        Assert.True(pieces > 1, "The answer has come as a whole.");
        Assert.Equal(NucleusBytes.Published, answer);
    }

    [Fact]
    public async Task Fault_AtEachMoment_TakesTheAnswersPlace()
    {
        await using NucleusServer server = Run();
        Assert.Empty(await AnswerAsync(NucleusMoment.Accepted, NucleusFault.Close, isConnected: false));
        Assert.Empty(await AnswerAsync(NucleusMoment.Connected, NucleusFault.Close, isConnected: false));
        Assert.Empty(await AnswerAsync(NucleusMoment.Publish, NucleusFault.Close));
        Assert.Empty(server.Journal.Publishes);

        Assert.Empty(await AnswerAsync(NucleusMoment.PublishAnswer, NucleusFault.Close));
        Assert.Single(server.Journal.Delivered);
        Assert.Equal(NucleusBytes.Published[..100], await AnswerAsync(NucleusMoment.PublishAnswer, NucleusFault.Cut(100)));
        Assert.Equal(2, server.Journal.Delivered.Count);

        // These leave the connection as it is, until the client ends it.
        Assert.Equal("garbage"u8.ToArray(), await AnswerAsync(NucleusMoment.PublishAnswer, NucleusFault.Instead("garbage"u8.ToArray())));
        Assert.Empty(await AnswerAsync(NucleusMoment.PublishAnswer, NucleusFault.NoAnswer));
        Assert.Equal(NucleusBytes.Full, await AnswerAsync(NucleusMoment.Publish, NucleusFault.Error("ServiceError", "Failed to publish the message.")));
        Assert.Empty(server.Journal.Violations);

        async Task<byte[]> AnswerAsync(NucleusMoment moment, NucleusFault fault, bool isConnected = true)
        {
            // In the order in which it must be: an open socket is accepted at once.
            if (!isConnected)
                server.Faults.Once(moment, fault);
            using RawNucleusClient client = isConnected ? await RawNucleusClient.ConnectAsync(server) : RawNucleusClient.Open(server);
            if (isConnected)
                server.Faults.Once(moment, fault);
            if (moment != NucleusMoment.Accepted)
                await client.SendAsync(isConnected ? NucleusBytes.Publish : NucleusBytes.Connect);
            if (fault != NucleusFault.Close)
                client.Shutdown();
            return await client.ReceiveToEndAsync();
        }
    }

    [Fact]
    public async Task Send_Bytes_ReachEveryClientAsTheyAre()
    {
        await using NucleusServer server = Run();
        using RawNucleusClient first = await RawNucleusClient.ConnectAsync(server);
        using RawNucleusClient second = await RawNucleusClient.ConnectAsync(server);
        await server.SendAsync("garbage"u8.ToArray());
        Assert.Equal("garbage"u8.ToArray(), await first.ReceiveAsync(7));
        Assert.Equal("garbage"u8.ToArray(), await second.ReceiveAsync(7));
    }

    [Fact]
    public async Task Answers_HeldBack_ComeInTheOrderThatIsAskedFor()
    {
        await using NucleusServer server = Run();
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        server.Held.Holds = true;
        for (int stream = 1; stream <= 3; stream++)
            await client.SendAsync(RawNucleusClient.Publish(stream, "a", [1]));
        await server.Held.WaitForAsync(3);
        await server.Held.ReleaseAsync(2, 0, 1);

        for (int answer = 0; answer < 3; answer++)
        {
            NucleusFrame frame = NucleusFrame.Decode(await client.ReceiveAsync());
            Assert.Equal(((int[])[3, 1, 2])[answer], frame.Find(":stream-id")!.Number);
        }
    }

    [Fact]
    public async Task Stop_LeavesTheSocketAsAsked_AndLosesWhatWasNotAcknowledged()
    {
        await using NucleusServer server = Run();
        server.Cloud.Acknowledges = false;
        using RawNucleusClient before = await RawNucleusClient.ConnectAsync(server);
        await before.SendAsync(NucleusBytes.Publish);
        await before.ReceiveAsync();

        await server.StopAsync(NucleusSocket.Gone);
        Assert.Empty(await before.ReceiveToEndAsync());
        Assert.Equal(NucleusOutcome.Lost, Assert.Single(server.Journal.Publishes).Outcome);
        Assert.False(File.Exists(server.SocketPath));

        await server.StopAsync(NucleusSocket.Refusing);
        SocketException refused = Assert.Throws<SocketException>(() => RawNucleusClient.Open(server));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);

        server.Start();
        await server.StopAsync(NucleusSocket.Silent);
        using RawNucleusClient waiting = RawNucleusClient.Open(server);
        await waiting.SendAsync(NucleusBytes.Connect);
        Assert.Single(server.Journal.Clients);
        server.Start();
        Assert.Equal(NucleusBytes.Accepted, await waiting.ReceiveAsync());
    }

    [Fact]
    public async Task Restart_WithoutTheTokens_RejectsTheOldOne()
    {
        await using NucleusServer server = Run();
        await server.RestartAsync(keepTokens: true);
        (await RawNucleusClient.ConnectAsync(server)).Dispose();
        await server.RestartAsync(keepTokens: false);
        using RawNucleusClient client = RawNucleusClient.Open(server);
        await client.SendAsync(NucleusBytes.Connect);
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Subscribe_Messages_ComeUntilOneSideEndsTheStream()
    {
        await using NucleusServer server = Run();
        server.Subscribable = ["commands/*"];
        server.Cloud.Echoes = true;
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        await client.SendAsync(RawNucleusClient.Subscribe(1, "commands/#"));
        NucleusFrame answer = NucleusFrame.Decode(await client.ReceiveAsync());
        await client.SendAsync(RawNucleusClient.Subscribe(2, "other"));
        NucleusFrame denied = NucleusFrame.Decode(await client.ReceiveAsync());
        await client.SendAsync(RawNucleusClient.Subscribe(3, "commands/+"));
        await client.ReceiveAsync();
        await server.Journal.WaitForSubscriptionsAsync(2);

        Assert.Equal("aws.greengrass#SubscribeToIoTCoreResponse", answer.Find("service-model-type")!.Text);
        Assert.Equal("aws.greengrass#UnauthorizedError", denied.Find("service-model-type")!.Text);

        Assert.Equal(1, await server.DeliverAsync("commands/a/b", "hi"u8.ToArray()));
        NucleusFrame message = NucleusFrame.Decode(await client.ReceiveAsync());
        Assert.Equal("aws.greengrass#IoTCoreMessage", message.Find("service-model-type")!.Text);
        Assert.Equal("""{"message":{"topicName":"commands/a/b","payload":"aGk="}}""", System.Text.Encoding.UTF8.GetString(message.Payload));

        await client.SendAsync(RawNucleusClient.End(1));
        await client.SendAsync(RawNucleusClient.Publish(4, "commands/echo", "hi"u8.ToArray()));
        await client.ReceiveAsync();
        Assert.Equal(NucleusAnswers.Event(3, "commands/echo", "hi"u8.ToArray()).Encode(), await client.ReceiveAsync());
        server.Cloud.EchoesFirst = true;
        await client.SendAsync(RawNucleusClient.Publish(5, "commands/echo", "ho"u8.ToArray()));
        Assert.Equal(NucleusAnswers.Event(3, "commands/echo", "ho"u8.ToArray()).Encode(), await client.ReceiveAsync());
        await client.ReceiveAsync();

        await server.EndSubscriptionsAsync();
        Assert.Equal(RawNucleusClient.End(3), await client.ReceiveAsync());
        Assert.Equal(0, await server.DeliverAsync("commands/a", []));
        Assert.All(server.Journal.Subscriptions, static subscription => Assert.True(subscription.IsEnded));
    }

    [Fact]
    public async Task Subscribe_TakesEffectLateAndIsLost_MissesMessagesAndIsNotEnded()
    {
        await using NucleusServer server = Run();
        server.Cloud.SubscriptionLag = 1;
        using RawNucleusClient client = await RawNucleusClient.ConnectAsync(server);
        await client.SendAsync(RawNucleusClient.Subscribe(1, "a"));
        await client.ReceiveAsync();
        await server.Journal.WaitForSubscriptionsAsync(1);

        Assert.Equal(0, await server.DeliverAsync("a", [1]));
        Assert.Equal(1, await server.DeliverAsync("a", [2]));
        server.LoseSubscriptions();
        Assert.Equal(0, await server.DeliverAsync("a", [3]));

        Assert.Equal(NucleusAnswers.Event(1, "a", [2]).Encode(), await client.ReceiveAsync());
        Assert.False(Assert.Single(server.Journal.Subscriptions).IsEnded);
    }

    [Theory]
    [InlineData("*", "any/topic", true)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/*/c", "a/b/b/c", true)]
    [InlineData("a/*/c", "a/c", false)]
    [InlineData("A/b", "a/b", false)]
    [InlineData("*", "a?", false)]
    public void Covers_ResourceAndTopic_AsInARecipe(string resource, string topic, bool covers) =>
        Assert.Equal(covers, NucleusTopics.Covers(resource, topic));

    private NucleusServer Run()
    {
        NucleusServer server = NucleusServer.Run(_folder.FullName);
        server.IssueToken(NucleusBytes.Token);
        return server;
    }
}
