using System.Globalization;
using System.Text.RegularExpressions;
using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>What the outbox has to say reaches the topic, whatever ends the service before.</summary>
public sealed partial class OutboxNoticeTests : IAsyncLifetime
{
    private readonly TestOutbox _test = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_EvictionsWereNotToldYet_TellsTheRestOnTheTopic(bool isKilled)
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        for (int i = 1; i <= 40; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        long evicted = (await _test.StatisticsAsync(Broker)).Evicted;

        await using TestOutbox next = await RestartAsync(isKilled);
        next.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(evicted, (await next.StatisticsAsync(Broker)).Evicted);
        await next.AppendAsync(41, 41);

        string[] notices = [.. (await next.ReadAsync(Broker)).Where(static text => text.StartsWith("Outbox: ", StringComparison.Ordinal))];
        Assert.Equal(2, notices.Length);
        Assert.All(notices, static text => Assert.EndsWith("because the limit of 1 MB is reached", text, StringComparison.Ordinal));
        Assert.Equal(evicted, notices.Sum(static text => long.Parse(Lost().Match(text).Value, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_NoticeHasNotGoneOut_SendsItOnceWithTheNextReport(bool isKilled)
    {
        await File.WriteAllTextAsync(_test.File, new string('x', 2000));
        await _test.OpenAsync(Broker);

        await using TestOutbox next = await RestartAsync(isKilled);
        await next.AppendAsync(1, 1);
        await next.AppendAsync(2, 2);

        string[] read = await next.ReadAsync(Broker);
        Assert.Equal(["1", "2"], [read[0], read[2]]);
        Assert.StartsWith("Outbox: the file was damaged and put aside as ", read[1], StringComparison.Ordinal);
    }

    /// <summary>The damaged file has its new name, and the new one has no cursors yet.</summary>
    [Fact]
    public async Task Open_KilledWhileADamagedFileWasReplaced_TellsTheTopic()
    {
        string aside = _test.File + ".damaged-20260131T120000000Z";
        await File.WriteAllTextAsync(aside + ".untold", "damaged");
        await File.WriteAllTextAsync(_test.File, "");

        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 1);
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(2, 2);

        Assert.Equal(["1", $"Outbox: the file was damaged and put aside as {aside}; reports that waited in it are not delivered", "2"], await _test.ReadAsync(Broker));
        Assert.Equal([aside], Directory.GetFiles(_test.Folder, "*.damaged-*"));
    }

    /// <summary>Somebody began anew, long after a file was damaged.</summary>
    [Fact]
    public async Task Open_FileWasRemovedBesideADamagedOne_TellsNothing()
    {
        await File.WriteAllTextAsync(_test.File, new string('x', 2000));
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 1);
        await _test.CloseAsync();
        File.Delete(_test.File);

        await _test.OpenAsync(Broker);
        await _test.AppendAsync(2, 2);

        Assert.Single(Directory.GetFiles(_test.Folder, "*.damaged-*"));
        Assert.Equal(["2"], await _test.ReadAsync(Broker));
    }

    /// <summary>A stream that is back under the name of one that was given up is another one.</summary>
    [Fact]
    public async Task PurgeWaiting_LastPublisherOfAStream_TakesItsNoticesAlong()
    {
        await File.WriteAllTextAsync(_test.File, new string('x', 2000));
        await _test.OpenAsync(Broker, Files);
        var other = new CursorKey("line2", "Mqtt");
        await _test.OpenAsync(other);
        using (OutboxInspection inspection = OutboxInspection.Open(_test.Folder))
        {
            inspection.PurgeWaiting([Broker]);
            Assert.Equal(1L, Count("SELECT COUNT(*) FROM notices"));
            inspection.PurgeWaiting([Files]);
        }

        Assert.Equal(0L, Count("SELECT COUNT(*) FROM notices"));
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 1);
        Assert.Equal(["1"], await _test.ReadAsync(Broker));
    }

    [Fact]
    public async Task PurgeWaiting_EvictionsOfARemovedPublisher_AreToldNoMore()
    {
        _test.Options.LimitMegabytes = 1;
        await _test.OpenAsync(Broker);
        for (int i = 1; i <= 40; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 100_000));
        await _test.OpenAsync(Files);
        Assert.Equal(1L, Count("SELECT COUNT(*) FROM untold WHERE publisher = 'Mqtt'"));

        using (OutboxInspection inspection = OutboxInspection.Open(_test.Folder))
            inspection.PurgeWaiting([Broker]);

        Assert.Equal(0L, Count("SELECT COUNT(*) FROM untold"));
    }

    [Fact]
    public async Task AppendAsync_CommitWithANoticeFails_SendsItWithTheNext()
    {
        await File.WriteAllTextAsync(_test.File, new string('x', 2000));
        await _test.OpenAsync(Broker);
        using var disk = new SqliteConnection($"Data Source={_test.File};Pooling=False");
        disk.Open();
        disk.Execute("CREATE TRIGGER full BEFORE INSERT ON reports WHEN NEW.summary = '2' BEGIN SELECT RAISE(ABORT, 'as if the disk were full'); END");
        await Assert.ThrowsAsync<OutboxException>(() => _test.AppendAsync(1, 2));

        await _test.AppendAsync(3, 3);

        Assert.Collection(
            await _test.ReadAsync(Broker),
            static text => Assert.Equal("3", text),
            static text => Assert.StartsWith("Outbox: the file was damaged", text, StringComparison.Ordinal));
    }

    private object? Count(string query)
    {
        using var connection = new SqliteConnection($"Data Source={_test.File};Pooling=False");
        connection.Open();
        return connection.Scalar(query);
    }

    /// <summary>A service that goes on with what this one leaves.</summary>
    private async Task<TestOutbox> RestartAsync(bool isKilled)
    {
        var next = new TestOutbox();
        next.Options.LimitMegabytes = _test.Options.LimitMegabytes;
        if (!isKilled)
            await _test.CloseAsync();
        foreach (string file in Directory.GetFiles(_test.Folder, "outbox.db*"))
            File.Copy(file, Path.Combine(next.Folder, Path.GetFileName(file)));
        await next.OpenAsync(Broker);
        return next;
    }

    [GeneratedRegex(@"(?<=Mqtt )\d+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Lost();
}
