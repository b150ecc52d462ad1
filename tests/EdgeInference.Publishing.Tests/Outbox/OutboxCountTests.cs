using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>What is counted, and what is left, when something comes between a report and the cursor that passes it.</summary>
public sealed class OutboxCountTests : IAsyncLifetime
{
    private readonly TestOutbox _test = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Fact]
    public async Task AdvanceAsync_ReportsWereGivenUpOnTheirWay_CountsNoEviction()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 10);
        IReadOnlyList<StoredReport> onTheirWay = await TakeAsync(10);
        using (OutboxInspection inspection = OutboxInspection.Open(_test.Folder))
            inspection.PurgeWaiting([Broker]);

        await _test.Cursor(Broker).AdvanceAsync(onTheirWay[^1].Seq, 10);

        CursorStatistics statistics = await _test.StatisticsAsync(Broker);
        Assert.Equal((10, 0), (statistics.Delivered, statistics.Evicted));
    }

    [Fact]
    public async Task AdvanceAsync_FileWasReplacedOnTheirWay_CountsNoEviction()
    {
        await _test.OpenAsync(Broker);

        // More than SQLite keeps in memory.
        for (int i = 0; i < 300; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 20_000));
        IReadOnlyList<StoredReport> onTheirWay = await TakeAsync(10);
        await using (FileStream file = new(_test.File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            await file.WriteAsync(new byte[file.Length]);
        for (int i = 1000; i < 1100; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 20_000));

        await _test.Cursor(Broker).AdvanceAsync(onTheirWay[^1].Seq, 10);

        Assert.Contains(_test.Log.Lines, static line => line.Text.Contains("is damaged", StringComparison.Ordinal));
        CursorStatistics statistics = await _test.StatisticsAsync(Broker);
        Assert.Equal((10, 0), (statistics.Delivered, statistics.Evicted));
    }

    [Fact]
    public async Task AdvanceAsync_ThatBeforeCouldNotBeWritten_CountsWhatItDelivered()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 3);
        IReadOnlyList<StoredReport> reports = await TakeAsync(3);
        using SqliteConnection disk = Connect();
        disk.Execute("CREATE TRIGGER full BEFORE UPDATE ON cursors BEGIN SELECT RAISE(ABORT, 'as if the disk were full'); END");
        await Assert.ThrowsAsync<OutboxException>(() => _test.Cursor(Broker).AdvanceAsync(reports[1].Seq, 2));
        disk.Execute("DROP TRIGGER full");

        await _test.Cursor(Broker).AdvanceAsync(reports[2].Seq, 1);

        CursorStatistics statistics = await _test.StatisticsAsync(Broker);
        Assert.Equal((3, 0, 0), (statistics.Delivered, statistics.Evicted, statistics.Waiting));
    }

    [Fact]
    public async Task SetReadersAsync_PublisherIsBack_LeavesNothingThatItDelivers()
    {
        OutboxReader files = new(Files, WantsMessages: false), broker = new(Broker, WantsMessages: true);
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(1, 5);
        await _test.DeliverAsync(Files);
        await _test.Outbox.SetReadersAsync([files]);
        await _test.AppendAsync(6, 9);
        await _test.DeliverAsync(Files);

        await _test.Outbox.SetReadersAsync([files, broker]);
        Assert.Equal(["1", "2", "3", "4", "5"], await _test.ReadAsync(Broker));
        await _test.AppendAsync(10, 12);
        await _test.DeliverAsync(Broker);
        await _test.DeliverAsync(Files);

        using SqliteConnection connection = Connect();
        Assert.Equal(0L, connection.Scalar("SELECT COUNT(*) FROM reports"));
    }

    private async Task<IReadOnlyList<StoredReport>> TakeAsync(int count)
    {
        OutboxCursor cursor = _test.Cursor(Broker);
        Assert.Null(await cursor.ReadRequeuedAsync());
        return await cursor.ReadAsync(count, withJpeg: false, CancellationToken.None);
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_test.File};Pooling=False");
        connection.Open();
        return connection;
    }
}
