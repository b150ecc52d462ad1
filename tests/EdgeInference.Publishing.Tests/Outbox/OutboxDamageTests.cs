using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>What the disk does to the outbox.</summary>
public sealed class OutboxDamageTests : IAsyncLifetime
{
    private readonly TestOutbox _test = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Theory]
    [InlineData("no database at all, but text of some length, as somebody may have put it there")]
    [InlineData("SQLite format 3\0 and then nothing that would make sense in a header of one hundred bytes, or behind it: it goes on like this")]
    public async Task Open_FileIsNoOutbox_PutsItAsideAndBeginsANewOne(string content)
    {
        await File.WriteAllTextAsync(_test.File, content);

        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 1);

        string aside = Assert.Single(Directory.GetFiles(_test.Folder, "*.damaged-*Z"));
        Assert.Equal(content, await File.ReadAllTextAsync(aside));
        Assert.Equal(LogLevel.Error, Assert.Single(_test.Log.Lines).Level);
        string[] read = await _test.ReadAsync(Broker);
        Assert.Equal("1", read[0]);
        Assert.Contains(aside, read[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_DamagedPageAfterASuddenEnd_IsFoundBeforeItIsUsed()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 200);
        await _test.CloseAsync();
        await using (FileStream file = File.Open(_test.File, FileMode.Open))
        {
            file.Position = 2 * 4096;
            await file.WriteAsync(new byte[5 * 4096]);
        }

        // What a service that did not close its file leaves.
        await File.WriteAllBytesAsync(_test.File + "-wal", new byte[64]);
        await _test.OpenAsync(Broker);

        Assert.Contains("is damaged", Assert.Single(_test.Log.Lines).Text, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_test.Folder, "*.damaged-*Z"));
    }

    [Fact]
    public async Task AppendAsync_FileIsDamagedWhileInUse_BeginsANewOneAndLosesNoNewReport()
    {
        await _test.OpenAsync(Broker);
        for (int i = 0; i < 300; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 20_000));
        await using (FileStream file = new(_test.File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            await file.WriteAsync(new byte[file.Length]);

        for (int i = 1000; i < 1300; i++)
            await _test.AppendAsync(TestReports.Numbered(i, jpegBytes: 20_000));
        await _test.DeliverAsync(Broker);
        await _test.AppendAsync(2000, 2000);

        Assert.Contains(_test.Log.Lines, static line => line.Text.Contains("is damaged", StringComparison.Ordinal));
        Assert.Equal(["2000"], await _test.ReadAsync(Broker));
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);
        Assert.Equal(1, inspection.ReadStatistics().Single().Waiting);
    }

    [Fact]
    public async Task AppendAsync_FileIsRemovedWhileInUse_WritesItAnewWithAllReports()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 3);
        foreach (string file in Directory.GetFiles(_test.Folder, "outbox.db*"))
            File.Delete(file);

        _test.Time.Advance(TimeSpan.FromSeconds(5));
        await _test.AppendAsync(4, 4);
        await _test.OpenAsync(Broker);

        Assert.Equal(["1", "2", "3", "4"], await _test.ReadAsync(Broker));
    }

    [Fact]
    public async Task Open_DamagedAgainAndAgain_KeepsThreeOfThem()
    {
        for (int i = 0; i < 6; i++)
        {
            await _test.CloseAsync();
            await File.WriteAllTextAsync(_test.File, new string('x', 2000));
            await _test.OpenAsync(Broker);
            _test.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, Directory.GetFiles(_test.Folder, "*.damaged-*Z").Length);
    }

    [Fact]
    public async Task Open_TablesOfSomebodyElse_AreLeftAlone()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 1);
        await _test.CloseAsync();
        Execute("CREATE INDEX mine ON reports (model); ANALYZE");

        await _test.OpenAsync(Broker);

        Assert.Equal(["1"], await _test.ReadAsync(Broker));
        Assert.Empty(_test.Log.Lines);
    }

    [Fact]
    public async Task Open_NewerVersion_IsRefusedAndLeftAlone()
    {
        await _test.OpenAsync(Broker);
        await _test.CloseAsync();
        Execute("PRAGMA user_version = 99");

        OutboxException exception = await Assert.ThrowsAsync<OutboxException>(() => _test.OpenAsync(Broker));

        Assert.Contains("newer version", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_test.Folder, "*.damaged-*"));
    }

    [Fact]
    public async Task Open_InUseByAnother_SaysSo()
    {
        await _test.OpenAsync(Broker);
        await using var second = new TestOutbox { Folder = _test.Folder };

        OutboxException exception = await Assert.ThrowsAsync<OutboxException>(() => second.OpenAsync(Broker));

        Assert.Contains($"{_test.File} is in use by another process", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FolderCannotBeMade_SaysSo()
    {
        await File.WriteAllTextAsync(Path.Combine(_test.Folder, "file"), "");
        await using var inFile = new TestOutbox { Folder = Path.Combine(_test.Folder, "file", "outbox") };

        OutboxException exception = await Assert.ThrowsAsync<OutboxException>(() => inFile.OpenAsync(Broker));

        Assert.Contains("cannot be used", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_Files_AreForTheirOwnerOnly()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync(1, 1);

        Assert.All(Directory.GetFiles(_test.Folder), static file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    private void Execute(string text)
    {
        using var connection = new SqliteConnection($"Data Source={_test.File};Pooling=False");
        connection.Open();
        connection.Execute(text);
    }
}
