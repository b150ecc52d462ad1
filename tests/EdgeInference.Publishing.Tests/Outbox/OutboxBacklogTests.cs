using EdgeInference.Publishing.Outbox;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

public sealed class OutboxBacklogTests : IAsyncLifetime
{
    private static readonly CursorKey OtherBroker = new("line2", "Mqtt");

    private readonly TestOutbox _test = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Fact]
    public async Task ReadBacklogAsync_NothingWaits_IsNone()
    {
        await _test.OpenAsync(Broker, OtherBroker);
        Assert.Equal(OutboxBacklog.None, await _test.Outbox.ReadBacklogAsync());
        await _test.AppendAsync(1, 3);

        await _test.DeliverAsync(Broker);

        // The other stream's publisher has not found out yet that none of them is for it.
        Assert.False(_test.Cursor(OtherBroker).IsUpToDate);
        Assert.Equal(OutboxBacklog.None, await _test.Outbox.ReadBacklogAsync());
    }

    /// <summary>A report that two publishers have not delivered yet waits once.</summary>
    [Fact]
    public async Task ReadBacklogAsync_SomeHaveDelivered_CountsForTheLastOfEachStream()
    {
        await _test.OpenAsync(Broker, Files, OtherBroker);
        DateTimeOffset made = _test.Time.GetUtcNow();
        for (int i = 1; i <= 3; i++)
            await _test.AppendAsync(TestReports.Numbered(i) with { Timestamp = made.AddMinutes(i) });
        await _test.DeliverAsync(Broker);
        await _test.Cursor(Files).AdvanceAsync(1, delivered: 1);
        for (int i = 4; i <= 5; i++)
            await _test.AppendAsync(TestReports.Numbered(i, stream: "line2") with { Timestamp = made.AddMinutes(i) });

        OutboxBacklog backlog = await _test.Outbox.ReadBacklogAsync();

        Assert.Equal(new OutboxBacklog(4, IsAll: true, made.AddMinutes(2)), backlog);
    }

    [Fact]
    public async Task ReadBacklogAsync_VeryManyWait_CountsToALimitAndKnowsTheOldest()
    {
        await _test.OpenAsync(Broker);
        DateTimeOffset made = _test.Time.GetUtcNow();
        await _test.AppendAsync([.. Enumerable.Range(0, 10_000).Select(i => TestReports.Numbered(i) with { Timestamp = made.AddSeconds(i) })]);
        Assert.Equal(new OutboxBacklog(10_000, IsAll: true, made), await _test.Outbox.ReadBacklogAsync());

        await _test.AppendAsync(TestReports.Numbered(1));

        Assert.Equal(new OutboxBacklog(10_000, IsAll: false, made), await _test.Outbox.ReadBacklogAsync());
    }
}
