using EdgeInference.Publishing.Outbox;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

public sealed class ReportOutboxTests : IAsyncLifetime
{
    private readonly TestOutbox _test = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadAsync_AppendedReport_IsTheSame(bool withJpeg)
    {
        await _test.OpenAsync(Broker);
        Report report = TestReports.WithJpeg([0xFF, 0xD8, 1, 2, 3]);

        await _test.AppendAsync(report);

        OutboxCursor cursor = _test.Cursor(Broker);
        await cursor.ReadRequeuedAsync();
        Report read = Assert.Single(await cursor.ReadAsync(10, withJpeg, CancellationToken.None)).Report;
        Assert.Equal(report.Payload.ToArray(), read.Payload.ToArray());
        Assert.Equal(withJpeg ? report.Jpeg!.Value.ToArray() : null, read.Jpeg?.ToArray());
        Assert.Equal(report, read with { Payload = report.Payload, Jpeg = report.Jpeg });
    }

    [Fact]
    public async Task AdvanceAsync_OneOfTwoPublishers_HoldsNeitherBackAndKeepsTheReports()
    {
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(1, 3);

        await _test.DeliverAsync(Broker);

        Assert.Empty(await _test.ReadAsync(Broker));
        Assert.Equal(["1", "2", "3"], await _test.ReadAsync(Files));
        Assert.Equal((0, 3), ((await _test.StatisticsAsync(Broker)).Waiting, (await _test.StatisticsAsync(Files)).Waiting));
    }

    [Fact]
    public async Task AdvanceAsync_AllPublishers_FreesTheDisk()
    {
        await _test.OpenAsync(Broker, Files);
        for (int i = 0; i < 50; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        long full = await UsedBytesAsync();

        await _test.DeliverAsync(Broker);
        long half = await UsedBytesAsync();
        await _test.DeliverAsync(Files);

        Assert.InRange(full, 5_000_000, 6_000_000);
        Assert.Equal(full, half);
        Assert.InRange(await UsedBytesAsync(), 0, 100_000);
    }

    [Fact]
    public async Task Open_Again_GoesOnAfterTheLastDelivery()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 5);
        OutboxCursor cursor = _test.Cursor(Broker);
        await cursor.ReadRequeuedAsync();
        IReadOnlyList<StoredReport> first = await cursor.ReadAsync(2, withJpeg: false, CancellationToken.None);
        await cursor.AdvanceAsync(first[^1].Seq, 2);

        await _test.OpenAsync(Broker);
        Assert.Equal(["3", "4", "5"], await _test.ReadAsync(Broker));
        await _test.AppendAsync(6, 6);
        Assert.Equal(["3", "4", "5", "6"], await _test.ReadAsync(Broker));
        Assert.Equal(2, (await _test.StatisticsAsync(Broker)).Delivered);
    }

    /// <summary>The files as a sudden end leaves them: not closed, with the write-ahead log.</summary>
    [Fact]
    public async Task Open_FilesOfAKilledService_HoldsEverythingCommitted()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 20);
        await using var copy = new TestOutbox();
        foreach (string file in Directory.GetFiles(_test.Folder, "outbox.db*"))
            File.Copy(file, Path.Combine(copy.Folder, Path.GetFileName(file)));

        await copy.OpenAsync(Broker);

        Assert.Equal(20, (await copy.ReadAsync(Broker)).Length);
        Assert.Empty(copy.Log.Lines);
    }

    [Fact]
    public async Task AppendAsync_SameIdTwice_KeepsOne()
    {
        await _test.OpenAsync(Broker);
        Report report = TestReports.Numbered(1);

        await _test.AppendAsync(report);
        await _test.AppendAsync(report);

        Assert.Equal(["1"], await _test.ReadAsync(Broker));
    }

    [Fact]
    public async Task ReadAsync_PublisherOfResults_GetsNoMessages()
    {
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(TestReports.Numbered(1) with { Kind = ReportKind.Lifecycle }, TestReports.Numbered(2), TestReports.Numbered(3) with { Kind = ReportKind.Lifecycle });

        Assert.Equal(["2"], await _test.ReadAsync(Files));
        Assert.Equal(["1", "2", "3"], await _test.ReadAsync(Broker));
        Assert.Equal((3, 1), ((await _test.StatisticsAsync(Broker)).Waiting, (await _test.StatisticsAsync(Files)).Waiting));
    }

    [Fact]
    public async Task AppendAsync_ManyAtOnce_KeepsTheOrderOfEachStream()
    {
        CursorKey other = new("line2", "Mqtt");
        await _test.OpenAsync(Broker, other);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => _test.AppendAsync(TestReports.Numbered(i / 2, i % 2 == 0 ? "line1" : "line2"))));

        string[] expected = [.. Enumerable.Range(0, 100).Select(static i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(expected, await _test.ReadAsync(Broker));
        Assert.Equal(expected, await _test.ReadAsync(other));
    }

    [Fact]
    public async Task Open_NewPublisher_BeginsWithTheNextReport()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 2);

        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(3, 3);

        Assert.Equal(["3"], await _test.ReadAsync(Files));
        Assert.Equal(["1", "2", "3"], await _test.ReadAsync(Broker));
    }

    [Fact]
    public async Task Open_PublisherIsNotConfiguredAnyMore_KeepsWhatWaitedAndNothingNew()
    {
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(1, 2);

        await _test.OpenAsync(Files);
        await _test.AppendAsync(3, 4);
        await _test.DeliverAsync(Files);
        CursorStatistics left = await _test.StatisticsAsync(Broker);
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(5, 5);

        Assert.Equal((2, false), (left.Waiting, left.IsConfigured));
        Assert.Contains(_test.Log.Lines, static line => line.Text.Contains("line1: 2 reports wait for Mqtt, which is not configured", StringComparison.Ordinal));
        Assert.Equal(["1", "2", "5"], await _test.ReadAsync(Broker));
    }

    [Fact]
    public async Task SetAsideAsync_Report_IsKeptListedAndTriedAgainOnRequest()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 3);
        OutboxCursor cursor = _test.Cursor(Broker);
        await cursor.ReadRequeuedAsync();
        StoredReport first = (await cursor.ReadAsync(1, withJpeg: false, CancellationToken.None))[0];

        await cursor.SetAsideAsync(first.Seq, "too large");
        await _test.DeliverAsync(Broker);

        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);
        SetAsideReport listed = Assert.Single(inspection.ReadSetAside(default, 10));
        Assert.Equal((first.Report.Id, Broker, "too large", false), (listed.Id, listed.Key, listed.Reason, listed.IsRequeued));
        Assert.Equal((0, 1), ((await _test.StatisticsAsync(Broker)).Waiting, (await _test.StatisticsAsync(Broker)).SetAside));
        Assert.Null(await cursor.ReadRequeuedAsync());

        Assert.Equal(1, inspection.Requeue(new OutboxFilter(first.Report.Id, null, null)));
        _test.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(await cursor.ReadAsync(1, withJpeg: false, CancellationToken.None));
        Assert.Equal("1", (await cursor.ReadRequeuedAsync())!.Value.Report.Summary);
        await cursor.CompleteRequeuedAsync(first);

        Assert.Null(await cursor.ReadRequeuedAsync());
        Assert.Empty(inspection.ReadSetAside(default, 10));
        Assert.Equal(0, (await _test.StatisticsAsync(Broker)).SetAside);
    }

    [Fact]
    public async Task Purge_ReportSetAside_IsGivenUpForThatPublisherOnly()
    {
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(1, 1);
        long seq = 1;
        await _test.Cursor(Broker).SetAsideAsync(seq, "no");
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);

        Assert.Equal(0, inspection.Purge(new OutboxFilter(null, null, "S3")));
        Assert.Equal(1, inspection.Purge(new OutboxFilter(null, "line1", "Mqtt")));

        Assert.Equal(["1"], await _test.ReadAsync(Files));
        Assert.Equal((0, 0), ((await _test.StatisticsAsync(Broker)).Waiting, (await _test.StatisticsAsync(Broker)).SetAside));
    }

    [Fact]
    public async Task PurgeWaiting_WhileTheServiceRuns_GivesUpWhatWaits()
    {
        await _test.OpenAsync(Broker, Files);
        await _test.AppendAsync(1, 4);
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);

        Assert.Equal(4, inspection.PurgeWaiting([Broker]));
        await _test.AppendAsync(5, 5);
        _test.Time.Advance(TimeSpan.FromSeconds(5));
        await _test.Outbox.ReadStatisticsAsync();

        Assert.Equal(["5"], await _test.ReadAsync(Broker));
        Assert.Equal(["1", "2", "3", "4", "5"], await _test.ReadAsync(Files));
        Assert.Equal(1, (await _test.StatisticsAsync(Broker)).Waiting);
    }

    [Fact]
    public void Inspection_NoOutbox_SaysSo()
    {
        var exception = Assert.Throws<OutboxException>(() => OutboxInspection.Open(_test.Folder));
        Assert.Contains(_test.File, exception.Message, StringComparison.Ordinal);
    }

    private async Task<long> UsedBytesAsync()
    {
        // What was written down before is done when this one is.
        await _test.Outbox.ReadStatisticsAsync();
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);
        return inspection.UsedBytes;
    }
}
