using System.Text;
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
    public async Task ReceiveAsync_NobodyTakesThem_KeepsABoundedNumber()
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
        for (int i = 0; i < 64; i++)
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
    }

    /// <summary>Nucleus lite may forget subscriptions when its MQTT client restarts, and does not say so: a report does not come back then.</summary>
    [Fact]
    public async Task ReceiveAsync_SubscriptionIsInDoubt_SubscribesAgain()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = rig.Commands.ReceiveAsync(Topic, Deadline()).GetAsyncEnumerator();
        ValueTask<bool> first = commands.MoveNextAsync();
        await server.Journal.WaitForSubscriptionsAsync(1);
        await server.DeliverAsync(Topic, "1"u8.ToArray());
        await first;

        ValueTask<bool> second = commands.MoveNextAsync();
        (await rig.Connection.GetSessionAsync(CancellationToken.None)).Doubt();

        await server.Journal.WaitForSubscriptionsAsync(2);
        await server.Journal.WaitAsync(() => server.Journal.Subscriptions[0].IsEnded, "the end of the first subscription");
        await server.DeliverAsync(Topic, "2"u8.ToArray());
        Assert.True(await second);
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
