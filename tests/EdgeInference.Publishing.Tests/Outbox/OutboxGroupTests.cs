using EdgeInference.Publishing.Outbox;
using EdgeInference.TestSupport;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>Reports that come together share one transaction, and so one flush of the disk.</summary>
public sealed class OutboxGroupTests : IAsyncLifetime
{
    private const int Streams = 20;

    private readonly TestOutbox _test = new();

    private int Commits => WriteAheadLog.Read(ReadLog()).Commits;

    public Task InitializeAsync() => _test.OpenAsync([.. Enumerable.Range(0, Streams).Select(static stream => new CursorKey(NameOf(stream), "Mqtt"))]);

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Fact]
    public async Task AppendAsync_ManyStreamsWhileTheDiskIsBusy_ShareOneCommit()
    {
        using var begun = new SemaphoreSlim(0);
        using var disk = new ManualResetEventSlim();
        Task busy = _test.Outbox.Enqueue(isWrite: false, isDurable: false, _ =>
        {
            begun.Release();
            disk.Wait();
        });
        await begun.WaitAsync();
        int before;
        Task[] appends;
        try
        {
            before = Commits;
            appends = [.. Enumerable.Range(0, Streams).Select(stream => _test.AppendAsync(TestReports.Numbered(stream, NameOf(stream))))];
        }
        finally
        {
            disk.Set();
            await busy;
        }

        await Task.WhenAll(appends);

        Assert.Equal(1, Commits - before);
        Assert.All(Enumerable.Range(0, Streams), stream => Assert.Equal(1, WaitingFor(stream)));
    }

    [Fact]
    public async Task AppendAsync_OneAfterTheOther_IsEachCommittedWhenItReturns()
    {
        int before = Commits;
        for (int i = 1; i <= Streams; i++)
        {
            await _test.AppendAsync(TestReports.Numbered(i, NameOf(0)));
            Assert.Equal(i, Commits - before);
        }
    }

    private long WaitingFor(int stream)
    {
        using OutboxInspection inspection = OutboxInspection.Open(_test.Folder);
        return inspection.ReadStatistics().Single(cursor => cursor.Key.Stream == NameOf(stream)).Waiting;
    }

    private static string NameOf(int stream) => $"line{stream}";

    private byte[] ReadLog()
    {
        using FileStream log = new(_test.File + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] content = new byte[log.Length];
        log.ReadExactly(content);
        return content;
    }
}
