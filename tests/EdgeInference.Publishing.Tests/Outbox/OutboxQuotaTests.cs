using System.Globalization;
using System.Text;
using EdgeInference.Publishing.Outbox;
using Microsoft.Extensions.Logging;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

public sealed class OutboxQuotaTests : IAsyncLifetime
{
    private readonly TestOutbox _test = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Fact]
    public async Task AppendAsync_BeyondTheLimit_EvictsTheOldestCountsAndReportsThem()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker, Files);
        for (int i = 1; i <= 5; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        await _test.DeliverAsync(Broker);
        for (int i = 6; i <= 14; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));

        string[] mqtt = await ReadAllAsync(Broker);
        string[] files = await ReadAllAsync(Files);

        Assert.Equal((0, 14 - files.Count(IsReport)), ((await _test.StatisticsAsync(Broker)).Evicted, (int)(await _test.StatisticsAsync(Files)).Evicted));
        Assert.Equal(Enumerable.Range(6, 9), mqtt.Where(IsReport).Select(static text => int.Parse(text, CultureInfo.InvariantCulture)));
        Assert.Equal(Enumerable.Range(15 - files.Count(IsReport), files.Count(IsReport)), files.Where(IsReport).Select(static text => int.Parse(text, CultureInfo.InvariantCulture)));
        Assert.InRange(files.Count(IsReport), 8, 9);
        string notice = Assert.Single(mqtt, static text => !IsReport(text));
        Assert.StartsWith("Outbox: oldest reports were evicted before they were delivered (LocalJpeg 1), because the limit of 1 MB", notice, StringComparison.Ordinal);
        Assert.Equal((LogLevel.Warning, "line1: " + notice), Assert.Single(_test.Log.Lines));
    }

    [Fact]
    public async Task AppendAsync_EvictionsGoOn_AreToldOnceAMinuteWithTheirSum()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        for (int i = 1; i <= 40; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        await _test.StatisticsAsync(Broker);
        Assert.Single(_test.Log.Lines);

        _test.Time.Advance(TimeSpan.FromMinutes(2));
        for (int i = 41; i <= 60; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));

        Assert.Equal(2, _test.Log.Lines.Count);
        long told = _test.Log.Lines.Sum(static line => long.Parse(line.Text.Split("Mqtt ")[1].Split(')')[0], CultureInfo.InvariantCulture));
        long evicted = (await _test.StatisticsAsync(Broker)).Evicted;
        Assert.InRange(told, 20, evicted);
    }

    [Fact]
    public async Task AppendAsync_EvictionsHaveCeased_TellsTheRestAllTheSame()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        for (int i = 1; i <= 40; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        Assert.Single(_test.Log.Lines);
        long evicted = (await _test.StatisticsAsync(Broker)).Evicted;

        _test.Time.Advance(TimeSpan.FromMinutes(2));
        await _test.AppendAsync(TestReports.Numbered(41));
        await _test.AppendAsync(TestReports.Numbered(42));

        Assert.Equal(evicted, (await _test.StatisticsAsync(Broker)).Evicted);
        Assert.Equal(2, _test.Log.Lines.Count);
        Assert.Equal(evicted, _test.Log.Lines.Sum(static line => long.Parse(line.Text.Split("Mqtt ")[1].Split(')')[0], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task AppendAsync_SetAsideReportsAreTheOldest_AreEvictedToo()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        for (int i = 1; i <= 15; i++)
        {
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
            await _test.Cursor(Broker).SetAsideAsync(i, "no");
        }

        CursorStatistics statistics = await _test.StatisticsAsync(Broker);

        Assert.InRange(statistics.Evicted, 5, 8);
        Assert.InRange(statistics.SetAside + statistics.Evicted, 15, 16);
    }

    [Fact]
    public async Task MaxAge_OldReports_AreEvicted()
    {
        _test.Options.MaxAge = TimeSpan.FromHours(1);
        await _test.OpenAsync(Broker);
        for (int i = 0; i < 200; i++)
            await _test.AppendAsync(TestReports.Numbered(i) with { Timestamp = _test.Time.GetUtcNow() });
        _test.Time.Advance(TimeSpan.FromMinutes(50));
        await _test.AppendAsync(TestReports.Numbered(200) with { Timestamp = _test.Time.GetUtcNow() });

        _test.Time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(["200"], await _test.ReadAsync(Broker));
        Assert.Equal(200, (await _test.StatisticsAsync(Broker)).Evicted);
        Assert.Contains("older than 01:00:00", Assert.Single(_test.Log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppendAsync_EvictionsGoOnForLong_KeepTheMessagesAndAreToldLessAndLessOften()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(TestReports.Numbered(0) with { Kind = ReportKind.Lifecycle, Summary = "started", Payload = "started"u8.ToArray() });
        for (int minute = 0; minute < 300; minute++)
        {
            await _test.AppendAsync(TestReports.Numbered(minute, jpegBytes: 300_000));

            // What an append brings with it is done behind it: not at another time of the clock.
            await _test.StatisticsAsync(Broker);
            _test.Time.Advance(TimeSpan.FromMinutes(1));
        }

        string[] messages = [.. (await ReadAllAsync(Broker)).Where(static text => !IsReport(text))];

        Assert.Equal("started", messages[0]);
        Assert.InRange(messages.Length, 6, 10);
    }

    [Fact]
    public async Task AdvanceAsync_ReportWasEvictedOnItsWay_IsCountedAsDeliveredOnly()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(TestReports.Numbered(1, jpegBytes: 100_000));
        OutboxCursor cursor = _test.Cursor(Broker);
        await cursor.ReadRequeuedAsync();
        StoredReport first = (await cursor.ReadAsync(1, withJpeg: false, CancellationToken.None))[0];
        for (int i = 2; i <= 12; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        long evicted = (await _test.StatisticsAsync(Broker)).Evicted;

        await cursor.AdvanceAsync(first.Seq, 1);

        CursorStatistics statistics = await _test.StatisticsAsync(Broker);
        Assert.InRange(evicted, 1, 5);
        Assert.Equal((1, evicted - 1), (statistics.Delivered, statistics.Evicted));
    }

    /// <summary>The eviction of the first was told, that of others was not yet, and none is counted any more: the next one is one again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task AdvanceAsync_EvictedReportsHaveArrived_LaterEvictionsAreToldAllTheSame(int onTheirWay)
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        int number = 0;
        for (; number < onTheirWay; number++)
            await _test.AppendAsync(TestReports.Numbered(number, jpegBytes: 100_000));
        OutboxCursor cursor = _test.Cursor(Broker);
        await cursor.ReadRequeuedAsync();
        IReadOnlyList<StoredReport> reports = await cursor.ReadAsync(onTheirWay, withJpeg: false, CancellationToken.None);
        await AppendUntilEvictedAsync(onTheirWay);
        Assert.Contains("(Mqtt 1)", Assert.Single(_test.Log.Lines).Text, StringComparison.Ordinal);
        await cursor.AdvanceAsync(reports[^1].Seq, onTheirWay);
        Assert.Equal(0, (await _test.StatisticsAsync(Broker)).Evicted);

        _test.Time.Advance(TimeSpan.FromMinutes(2));
        await AppendUntilEvictedAsync(1);

        Assert.Equal(2, _test.Log.Lines.Count);
        Assert.Contains("(Mqtt 1)", _test.Log.Lines[^1].Text, StringComparison.Ordinal);

        async Task AppendUntilEvictedAsync(int evicted)
        {
            while ((await _test.StatisticsAsync(Broker)).Evicted < evicted)
                await _test.AppendAsync(TestReports.Numbered(number++, jpegBytes: 100_000));
        }
    }

    /// <summary>A box without a clock of its own, which was started again and is told the time only later.</summary>
    [Fact]
    public async Task MaxAge_ClockWasWrong_EvictsNothingBehindAReportThatIsYoung()
    {
        _test.Options.MaxAge = TimeSpan.FromHours(1);
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(TestReports.Numbered(1) with { Timestamp = _test.Time.GetUtcNow() });
        await _test.AppendAsync(TestReports.Numbered(2) with { Timestamp = DateTimeOffset.UnixEpoch });

        _test.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["1", "2"], await _test.ReadAsync(Broker));
    }

    private async Task<string[]> ReadAllAsync(CursorKey key)
    {
        OutboxCursor cursor = _test.Cursor(key);
        Assert.Null(await cursor.ReadRequeuedAsync());
        return [.. (await cursor.ReadAsync(100, withJpeg: false, CancellationToken.None)).Select(static stored =>
        {
            Assert.Equal(stored.Report.Kind == ReportKind.Lifecycle ? stored.Report.Summary : $"{{\"frame_id\":{stored.Report.Summary}}}", Encoding.UTF8.GetString(stored.Report.Payload.Span));
            return stored.Report.Summary;
        })];
    }

    private static bool IsReport(string summary) => int.TryParse(summary, CultureInfo.InvariantCulture, out _);
}
