using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// Keeps the reports of all streams on disk until each publisher has delivered them. A report, its JSON and its picture
/// together, is committed before <see cref="AppendAsync"/> returns, and survives whatever ends the process after that.
/// </summary>
public sealed partial class ReportOutbox : IAsyncDisposable
{
    private const long MegaByte = 1_000_000;

    // About a millisecond's work.
    private const int MostCounted = 10_000;

    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(5);

    // A disk that hangs does not hang the end of the service: everything that counts is on it, or was refused.
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OutboxThread _thread;
    private readonly OutboxNotices _notices;
    private volatile IReadOnlyDictionary<CursorKey, OutboxCursor> _cursors = new Dictionary<CursorKey, OutboxCursor>();
    private OutboxFile? _file;
    private OutboxStore? _store;
    private ITimer? _maintenance;
    private bool _cursorsAreSet;
    private bool _isMaintenanceDue;
    private string? _maintenanceFault;
    private long _lastSeq;

    public ReportOutbox(string folder, OutboxOptions options, TimeProvider time, ILogger<ReportOutbox> logger)
    {
        _folder = folder;
        _options = options;
        _time = time;
        _logger = logger;
        _thread = new OutboxThread(Process);
        _notices = new OutboxNotices(time);
    }

    /// <summary>The file.</summary>
    public string Path => OutboxFile.PathIn(_folder);

    /// <summary>Bytes that <see cref="Open"/> reads first: all of the file after a kill, else 0.</summary>
    public long BytesToCheck => OutboxFile.BytesLeftOpen(Path);

    /// <summary>Whether <see cref="Open"/> was called, and did not fail.</summary>
    public bool IsOpen => _maintenance is not null;

    /// <summary>The cursor of one of the publishers that are configured.</summary>
    public OutboxCursor CursorOf(CursorKey key) => _cursors[key];

    /// <summary>Opens the outbox, or begins one. Cursors go on where they were.</summary>
    /// <param name="readers">The publishers that are configured.</param>
    /// <exception cref="OutboxException">It is in use, or its folder cannot be used.</exception>
    public void Open(IReadOnlyList<OutboxReader> readers)
    {
        if (_folder.Length == 0)
            throw new OutboxException("nothing says in which folder reports are to wait: set Outbox:Directory");
        _file = OutboxFile.Take(_folder);
        _cursors = CursorsFor(readers);
        try
        {
            OpenStore();
        }
        catch
        {
            _store?.Dispose();
            _file.Dispose();
            (_store, _file) = (null, null);
            throw;
        }

        _thread.Start();
        _maintenance = _time.CreateTimer(_ => EnqueueMaintenance(), state: null, MaintenanceInterval, MaintenanceInterval);
    }

    /// <summary>
    /// Other publishers are configured now. Known ones go on where they were, others keep what waits for them; nobody may
    /// use the cursor of one that is configured no more, or otherwise.
    /// </summary>
    /// <exception cref="OutboxException">This could not be written down: the publishers are those from before.</exception>
    public Task SetReadersAsync(IReadOnlyList<OutboxReader> readers) => Enqueue(isWrite: false, isDurable: false, _ =>
    {
        IReadOnlyDictionary<CursorKey, OutboxCursor> before = _cursors;
        (_cursors, _cursorsAreSet) = (CursorsFor(readers), false);
        try
        {
            SetCursors();
        }
        catch
        {
            // With the next commit they are set as they were.
            _cursors = before;
            throw;
        }
    });

    /// <summary>Commits reports; when this returns they are on disk.</summary>
    /// <exception cref="OutboxException">They are not: the disk is full or fails.</exception>
    public Task AppendAsync(IReadOnlyList<Report> reports)
    {
        // A copy: the caller's list may change before the thread gets to it.
        Report[] batch = [.. reports];
        return Enqueue(isWrite: true, isDurable: true, store =>
        {
            foreach (Report report in batch)
            {
                store.Append(report);
                foreach (Report notice in _notices.Take(store, report))
                    store.Append(notice);
            }
        });
    }

    /// <summary>
    /// What waits, counted up to a limit for each stream: cheap, whatever the size of the outbox, and cheaper still where
    /// everything is delivered.
    /// </summary>
    /// <exception cref="OutboxException">It cannot be read now.</exception>
    public Task<OutboxBacklog> ReadBacklogAsync()
    {
        OutboxCursor[] last =
        [
            .. _cursors.Values.Where(static cursor => !cursor.IsUpToDate)
                .GroupBy(static cursor => cursor.Key.Stream, StringComparer.Ordinal)
                .Select(static stream => stream.MinBy(static cursor => cursor.Position)!),
        ];
        return last.Length == 0
            ? Task.FromResult(OutboxBacklog.None)
            : Enqueue(isWrite: false, isDurable: false, store => last.Aggregate(
                OutboxBacklog.None, (sum, cursor) => sum.Add(store.ReadBacklog(cursor.Reader, cursor.Position, MostCounted))));
    }

    public Task<List<CursorStatistics>> ReadStatisticsAsync() => Enqueue(isWrite: false, isDurable: false, static store => store.ReadStatistics());

    /// <summary>The place of the last report committed.</summary>
    internal long LastSeq => Volatile.Read(ref _lastSeq);

    internal DateTimeOffset Now => _time.GetUtcNow();

    internal Task<T> Enqueue<T>(bool isWrite, bool isDurable, Func<OutboxStore, T> work)
    {
        var job = new OutboxThread.Job<T>(work, isWrite, isDurable);
        _thread.Enqueue(job);
        return job.Done;
    }

    internal Task Enqueue(bool isWrite, bool isDurable, Action<OutboxStore> work) => Enqueue(isWrite, isDurable, store =>
    {
        work(store);
        return true;
    });

    /// <summary>Finishes what was begun and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_maintenance is not null)
        {
            await _maintenance.DisposeAsync();
            try
            {
                await _thread.DisposeAsync().AsTask().WaitAsync(CloseTimeout, _time);
            }
            catch (TimeoutException)
            {
                // The thread still has the file; both go with the process.
                LogNotClosed(Path, CloseTimeout.TotalSeconds);
                return;
            }
        }

        _store?.Dispose();
        _file?.Dispose();
    }
}
