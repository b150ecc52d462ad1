using System.Diagnostics;
using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>On a disk of 2 MB of its own.</summary>
public sealed class OutboxFullDiskTests : IAsyncLifetime
{
    private readonly DirectoryInfo _disk = Directory.CreateTempSubdirectory("edge-inference-test-");

    private string Ballast => Path.Combine(_disk.FullName, "ballast");

    public Task InitializeAsync() => RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", _disk.FullName);

    public async Task DisposeAsync()
    {
        await RunAsync("umount", "--lazy", _disk.FullName);
        _disk.Delete();
    }

    [Fact]
    public async Task AppendAsync_DiskIsFull_RefusesLosesNothingCommittedAndGoesOnWhenThereIsRoom()
    {
        await using TestOutbox test = Create();
        await test.OpenAsync(Broker);
        await File.WriteAllBytesAsync(Ballast, new byte[500_000]);
        int committed = 0;
        OutboxException? refused = null;
        while (refused is null)
            refused = await TryAppendAsync(test, ++committed);
        committed--;

        Assert.InRange(committed, 5, 60);
        Assert.Equal($"no space left on the disk of {test.File}; reports are refused until there is room", refused.Message);
        Assert.Equal(committed, (await test.ReadAsync(Broker)).Length);

        // Delivery goes on while the disk is full.
        OutboxCursor cursor = test.Cursor(Broker);
        StoredReport first = (await cursor.ReadAsync(1, withJpeg: true, CancellationToken.None))[0];
        await Record.ExceptionAsync(() => cursor.AdvanceAsync(first.Seq, 1));
        Assert.Equal(committed - 1, (await test.ReadAsync(Broker)).Length);

        File.Delete(Ballast);
        Assert.Null(await TryAppendAsync(test, 1000));
        await test.OpenAsync(Broker);
        string[] kept = await test.ReadAsync(Broker);
        Assert.InRange(kept.Length, committed, committed + 1);
        Assert.Equal("1000", kept[^1]);
    }

    /// <summary>An upgrade where no block is left for the tables that the older program had not, nor for the new cursors.</summary>
    [Fact]
    public async Task Open_OlderProgramHasFilledTheDisk_DeliversWhatWaitsAndAddsItsTablesLater()
    {
        await using TestOutbox test = Create();
        test.Options.MaxAge = TimeSpan.FromDays(365);
        Directory.CreateDirectory(test.Folder);
        using (SqliteConnection older = Connect(test))
            OlderOutbox.Write(older);
        await FillAsync();

        await test.OpenAsync(Broker, Files);
        Assert.Equal(["7", "8", "9"], await test.ReadAsync(Broker));
        Assert.Equal(["3", "4", "5", "6", "7", "8", "9"], await test.ReadAsync(Files));
        Assert.NotNull(await TryAppendAsync(test, 10));
        test.Time.Advance(TimeSpan.FromSeconds(10));
        await Record.ExceptionAsync(() => test.DeliverAsync(Broker));
        Assert.True(test.Cursor(Broker).IsUpToDate);

        File.Delete(Ballast);
        Assert.Null(await TryAppendAsync(test, 11));
        Assert.Equal(["11"], await test.ReadAsync(Broker));
        await test.CloseAsync();
        using SqliteConnection connection = Connect(test);
        Assert.True(OutboxSchema.HasBeside(connection));
    }

    private TestOutbox Create() => new() { Folder = Path.Combine(_disk.FullName, "outbox") };

    private static SqliteConnection Connect(TestOutbox test)
    {
        var connection = new SqliteConnection($"Data Source={test.File};Pooling=False");
        connection.Open();
        return connection;
    }

    private async Task FillAsync()
    {
        await using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                ballast.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Full, which was the aim.
        }
    }

    private static async Task<OutboxException?> TryAppendAsync(TestOutbox test, int number) =>
        (OutboxException?)await Record.ExceptionAsync(() => test.AppendAsync(TestReports.Numbered(number, jpegBytes: 30_000)));

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} (needs root): {errors}");
    }
}
