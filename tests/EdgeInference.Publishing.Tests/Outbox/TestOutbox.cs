using EdgeInference.Publishing.Outbox;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>An outbox in a folder of its own, which can be closed and opened again.</summary>
internal sealed class TestOutbox : IAsyncDisposable
{
    public static readonly CursorKey Broker = new("line1", "Mqtt");
    public static readonly CursorKey Files = new("line1", "LocalJpeg");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");
    private ReportOutbox? _outbox;

    public TestOutbox() => Folder = _folder.FullName;

    public string Folder { get; init; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    public OutboxOptions Options { get; } = new();

    public ListLogger<ReportOutbox> Log { get; } = new();

    public string File => Path.Combine(Folder, "outbox.db");

    public ReportOutbox Outbox => _outbox!;

    public async Task<ReportOutbox> OpenAsync(params CursorKey[] keys)
    {
        await CloseAsync();
        _outbox = new ReportOutbox(Folder, Options, Time, Log);
        _outbox.Open([.. keys.Select(static key => new OutboxReader(key, WantsMessages: key != Files))]);
        return _outbox;
    }

    public async Task CloseAsync()
    {
        if (_outbox is not null)
            await _outbox.DisposeAsync();
        _outbox = null;
    }

    public OutboxCursor Cursor(CursorKey key) => Outbox.CursorOf(key);

    public Task AppendAsync(params Report[] reports) => Outbox.AppendAsync(reports);

    public Task AppendAsync(int first, int last) => AppendAsync([.. Enumerable.Range(first, last - first + 1).Select(static number => TestReports.Numbered(number))]);

    public async Task<CursorStatistics> StatisticsAsync(CursorKey key) => (await Outbox.ReadStatisticsAsync()).Single(cursor => cursor.Key == key);

    /// <summary>The summaries of what a cursor reads next, up to a number.</summary>
    public async Task<string[]> ReadAsync(CursorKey key, int count = 100)
    {
        OutboxCursor cursor = Cursor(key);
        Assert.Null(await cursor.ReadRequeuedAsync());
        return cursor.IsUpToDate ? [] : [.. (await cursor.ReadAsync(count, withJpeg: false, CancellationToken.None)).Select(static stored => stored.Report.Summary)];
    }

    /// <summary>Delivers all that a cursor has.</summary>
    public async Task DeliverAsync(CursorKey key)
    {
        OutboxCursor cursor = Cursor(key);
        Assert.Null(await cursor.ReadRequeuedAsync());
        while (!cursor.IsUpToDate)
        {
            IReadOnlyList<StoredReport> reports = await cursor.ReadAsync(100, withJpeg: false, CancellationToken.None);
            await cursor.AdvanceAsync(reports[^1].Seq, reports.Count);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Delete(recursive: true);
    }
}
