using System.Text;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.TestServers;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Tests.Greengrass;

public sealed class GreengrassCommandTransportTests : NucleusTest
{
    private const string Topic = "openvino/commands";

    [Fact]
    public async Task ReceiveAsync_Commands_ComeInOrder()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();
        await server.Journal.WaitForSubscriptionsAsync(1);

        await server.DeliverAsync(Topic, "1"u8.ToArray());
        await server.DeliverAsync("openvino/other", "x"u8.ToArray());
        await server.DeliverAsync(Topic, "2"u8.ToArray());

        Assert.True(await first);
        Assert.Equal("1", Text(commands));
        Assert.True(await commands.MoveNextAsync());
        Assert.Equal("2", Text(commands));
        Assert.Equal((Topic, 1), (server.Journal.Subscriptions[0].Filter, server.Journal.Subscriptions[0].Qos));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReceiveAsync_ConnectionOrSubscriptionEnds_SubscribesAgain(bool isConnection)
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();
        await server.Journal.WaitForSubscriptionsAsync(1);
        await server.DeliverAsync(Topic, "1"u8.ToArray());
        await first;

        ValueTask<bool> second = commands.MoveNextAsync();
        if (isConnection)
            server.CutConnections();
        else
            await server.EndSubscriptionsAsync();
        await server.Journal.WaitForSubscriptionsAsync(2);
        await server.DeliverAsync(Topic, "2"u8.ToArray());

        Assert.True(await second);
        Assert.Equal("2", Text(commands));
    }

    [Fact]
    public async Task ReceiveAsync_NobodyTakesThem_KeepsTheNewest()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();
        await server.Journal.WaitForSubscriptionsAsync(1);
        await server.DeliverAsync(Topic, "first"u8.ToArray());
        await first;

        for (int i = 0; i < 200; i++)
            await server.DeliverAsync(Topic, Encoding.UTF8.GetBytes($"{i}"));

        // What comes behind them on the same connection has been read when this is answered.
        await rig.Commands.ReplyAsync("openvino/answers", default, CancellationToken.None);
        Assert.Equal(200 - CommandQueue.Capacity, rig.Commands.Dropped);
        for (int i = 200 - CommandQueue.Capacity; i < 200; i++)
        {
            Assert.True(await commands.MoveNextAsync());
            Assert.Equal($"{i}", Text(commands));
        }

        ValueTask<bool> next = commands.MoveNextAsync();
        await server.DeliverAsync(Topic, "last"u8.ToArray());
        Assert.True(await next);
        Assert.Equal("last", Text(commands));
    }

    [Fact]
    public async Task ReceiveAsync_MayNotSubscribe_SaysSoAndGoesOnWhenItMay()
    {
        NucleusServer server = Server();
        server.Subscribable = [];
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();

        Assert.Contains($"'{Topic}'", (await rig.CommandLog.WaitAsync(3240)).Message, StringComparison.Ordinal);
        server.Subscribable = ["openvino/#"];
        await server.Journal.WaitForSubscriptionsAsync(1);
        await server.DeliverAsync(Topic, "1"u8.ToArray());

        Assert.True(await first);
        Assert.Equal(LogLevel.Information, (await rig.CommandLog.WaitAsync(3242)).Level);
        Assert.Equal(2, rig.CommandLog.Lines.Count);
    }

    /// <summary>Of the connection's end it tells itself, and what comes then is no less news for it.</summary>
    [Fact]
    public async Task ReceiveAsync_ConnectionEndsAndThenTheNucleusRefuses_SaysWhyItDoes()
    {
        NucleusServer server = Server();
        server.Faults.At(NucleusMoment.Subscribe, static count => count switch
        {
            1 => NucleusFault.Close,
            2 => NucleusFault.Error("ServiceError", "no cloud"),
            _ => null,
        });
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();

        Assert.Contains("no cloud", (await rig.CommandLog.WaitAsync(3241)).Message, StringComparison.Ordinal);
        await rig.CommandLog.WaitAsync(3242);
        await server.Journal.WaitForSubscriptionsAsync(1);
        await server.DeliverAsync(Topic, "1"u8.ToArray());

        Assert.True(await first);
        Assert.Equal(2, rig.CommandLog.Lines.Count);
    }

    /// <summary>A report has not come back: nucleus lite may have lost this subscription, too, and would not say so.</summary>
    [Fact]
    public async Task ReceiveAsync_SubscriptionIsInDoubt_IsReplacedWithoutAGapAndWithoutATwin()
    {
        var time = new TimerTime();
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> next = commands.MoveNextAsync();
        await time.WaitForAsync(GreengrassCommandTransport.LeastAge);
        (await rig.Connection.GetSessionAsync(CancellationToken.None)).Doubt();
        Assert.Single(server.Journal.Subscriptions);

        time.Advance(GreengrassCommandTransport.LeastAge);
        await time.WaitForAsync(GreengrassCommandTransport.Overlap);

        // It comes over both, and has been read when the answer behind it has.
        Assert.Equal(2, await server.DeliverAsync(Topic, "both"u8.ToArray()));
        await rig.Commands.ReplyAsync("openvino/answers", default, CancellationToken.None);
        time.Advance(GreengrassCommandTransport.Overlap);
        await server.Journal.WaitAsync(() => server.Journal.Subscriptions[0].IsEnded, "the end of the first subscription");
        Assert.Equal(1, await server.DeliverAsync(Topic, "one"u8.ToArray()));

        foreach (string expected in (string[])["both", "one"])
        {
            Assert.True(await next);
            Assert.Equal(expected, Text(commands));
            next = commands.MoveNextAsync();
        }

        Assert.Equal([false, true], server.Journal.Subscriptions.Select(static subscription => subscription.IsEnded).Order());
        Assert.Single(rig.CommandLog.Lines);
        await server.DeliverAsync(Topic, "last"u8.ToArray());
        await next;
    }

    /// <summary>Nothing tells of the loss of a subscription to nucleus lite where nothing else comes.</summary>
    [Theory]
    [InlineData(false, false, 2)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 1)]
    public async Task ReceiveAsync_NoNewsForAWhile_RenewsTheSubscriptionWhereNothingElseTells(bool hasWatch, bool isClassic, int subscriptions)
    {
        var time = new TimerTime();
        NucleusServer server = Server(isClassic ? NucleusSettings.Classic : NucleusSettings.Lite);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: time);
        IpcSession session = await rig.Connection.GetSessionAsync(Deadline());
        await using IpcSubscription? watch = hasWatch ? await session.SubscribeAsync(IpcRequest.Subscribe("openvino/ssd"), static _ => { }, Deadline()) : null;
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> next = commands.MoveNextAsync();
        await time.WaitForAsync(GreengrassCommandTransport.LeastAge);
        time.Advance(GreengrassCommandTransport.LeastAge);
        await time.WaitForAsync(GreengrassCommandTransport.RenewInterval);

        time.Advance(GreengrassCommandTransport.RenewInterval);

        await time.WaitForAsync(subscriptions > 1 ? GreengrassCommandTransport.Overlap : GreengrassCommandTransport.RenewInterval, seen: subscriptions > 1 ? 0 : 1);
        Assert.Equal(subscriptions, server.Journal.Subscriptions.Count(static subscription => subscription.Filter == Topic));
        await server.DeliverAsync(Topic, "last"u8.ToArray());
        await next;
    }

    /// <summary>It would be carried out at each subscription. Nucleus lite does not tell of it.</summary>
    [Fact]
    public async Task ReceiveAsync_RetainedCommand_IsLeftOut()
    {
        NucleusServer server = Server(NucleusSettings.Classic);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();
        await server.Journal.WaitForSubscriptionsAsync(1);

        foreach (string retain in (string[])["true", "false"])
        {
            byte[] body = Encoding.UTF8.GetBytes($$$"""{"message":{"topicName":"{{{Topic}}}","payload":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(retain))}}}","retain":{{{retain}}}}}""");
            await server.SendAsync(NucleusAnswers.Of(NucleusAnswers.ApplicationMessage, 0, server.Journal.Subscriptions[0].Stream, [], body).Encode());
        }

        Assert.True(await first);
        Assert.Equal("false", Text(commands));
    }

    [Fact]
    public async Task ReceiveAsync_Cancelled_EndsTheSubscription()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        using var cancellation = new CancellationTokenSource();
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, cancellation.Token).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();
        await server.Journal.WaitForSubscriptionsAsync(1);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await first);
        await server.Journal.WaitAsync(() => server.Journal.Subscriptions[0].IsEnded, "the end of the subscription");
        Assert.Empty(server.Journal.Violations);
    }

    [Fact]
    public async Task ReplyAsync_Topic_GetsIt()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);

        await rig.Commands.ReplyAsync("openvino/answers", "yes"u8.ToArray(), CancellationToken.None);

        Assert.Equal(("openvino/answers", "yes"), (server.Journal.Delivered[0].Topic, server.Journal.Delivered[0].Text));
        Assert.Equal("Greengrass", rig.Commands.Name);
    }

    [Fact]
    public async Task ReplyAsync_NotAllowedOrTooLarge_Fails()
    {
        NucleusServer server = Server();
        server.Publishable = [];
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);

        var denied = await Assert.ThrowsAsync<PublishException>(async () => await rig.Commands.ReplyAsync("a", default, CancellationToken.None));
        var large = await Assert.ThrowsAsync<PublishException>(async () => await rig.Commands.ReplyAsync("a", new byte[8000], CancellationToken.None));

        Assert.Equal((PublishFailure.Final, PublishFailure.Permanent), (denied.Failure, large.Failure));
    }

    private static string Text(IAsyncEnumerator<ReadOnlyMemory<byte>> commands) => Encoding.UTF8.GetString(commands.Current.Span);

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
}
