using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// Keeps the reports of all streams on disk until each publisher has delivered them. A report, its JSON and its picture
/// together, is committed before <see cref="AppendAsync"/> returns, and survives whatever ends the process after that.
/// </summary>
public sealed partial class ReportOutbox : IAsyncDisposable
{
    private const long MegaByte = 1_000_000;

    // Eviction goes on a little below the limit, so that it does not run with every small commit, but holds up none for long.
    private const long MostSlack = 1_000_000;

    // About a millisecond's work.
    private const int MostCounted = 10_000;

    // Less is read in a moment by any disk.
    private const long MuchToCheck = 100 * MegaByte;

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

    /// <summary>What <see cref="Open"/> reads first, where a service was killed: all there is.</summary>
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

    private void OpenStore()
    {
        try
        {
            if (FindDamage() is { } damage)
                ReplaceDamaged(damage);

            _lastSeq = _store!.LastSeq;
        }
        catch (SqliteException exception)
        {
            throw Explain(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Explain(exception);
        }
    }

    /// <summary>Opens the file as it is.</summary>
    /// <returns>What is wrong with it; null when it can be used.</returns>
    private string? FindDamage()
    {
        long bytesToCheck = BytesToCheck;
        try
        {
            _store = new OutboxStore(_file!.Path, isOwner: true);
            if (bytesToCheck > MuchToCheck)
                LogChecking(Path, bytesToCheck / MegaByte);
            if (((bytesToCheck > 0 ? _store.FindDamage() : null) ?? _store.FindDisorder()) is { } damage)
                return damage;
            SetCursors();
            return null;
        }
        catch (SqliteException exception) when (OutboxFile.IsDamage(exception) || exception.SqliteErrorCode is WrongStatement or Constraint or ReadOnly)
        {
            // Our statements fit tables that are as the version of the file says, and the file has just been opened for
            // writing: where a header says that it is not to be written, the header is damaged.
            return exception.Message;
        }
    }

    private void PutAside(string damage)
    {
        _store?.Dispose();
        _store = null;
        string aside = _file!.PutAside(_time.GetUtcNow());
        LogDamaged(_file.Path, damage, aside);
    }

    /// <summary>Begins a new file; places are counted on, so that no cursor passes over new reports.</summary>
    private void BeginNew()
    {
        var store = new OutboxStore(Path, isOwner: true);
        try
        {
            store.InTransaction(durable: true, () => store.BeginAt(_lastSeq));
        }
        catch
        {
            store.Dispose();
            throw;
        }

        _store = store;
        SetCursors();
    }

    private Dictionary<CursorKey, OutboxCursor> CursorsFor(IReadOnlyList<OutboxReader> readers) => readers.ToDictionary(
        static reader => reader.Key,
        reader => _cursors.TryGetValue(reader.Key, out OutboxCursor? known) && known.Reader == reader ? known : new OutboxCursor(this, reader));

    private OutboxReader[] Readers => [.. _cursors.Values.Select(static cursor => cursor.Reader)];

    private void SetCursors()
    {
        Dictionary<CursorKey, long> positions;
        try
        {
            positions = _store!.InTransaction(durable: true, () => WriteCursors(_store));
            _cursorsAreSet = true;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == Full)
        {
            // What is there can be delivered all the same; they are set when there is room.
            positions = _store!.ReadCursors();
            _cursorsAreSet = false;
        }

        foreach (OutboxCursor cursor in _cursors.Values)
            cursor.RaiseTo(positions.TryGetValue(cursor.Key, out long position) ? position : _store.LastSeq);
        foreach (CursorStatistics left in _store.ReadStatistics().Where(static cursor => !cursor.IsConfigured && cursor.Waiting > 0))
            LogNotConfigured(left.Key.Stream, left.Key.Publisher, left.Waiting);
    }

    /// <summary>
    /// Has the file belong to the publishers that are configured. One that nobody has used yet, with a damaged one beside
    /// it, takes that one's place; what to say of it is written with its first cursors, so that a kill in between loses nothing.
    /// </summary>
    private Dictionary<CursorKey, long> WriteCursors(OutboxStore store)
    {
        if (store.IsNew && _file!.LastDamaged is { } aside)
        {
            foreach (string stream in _cursors.Keys.Select(static key => key.Stream).Distinct(StringComparer.Ordinal))
                store.AddNotice(stream, $"Outbox: the file was damaged and put aside as {aside}; reports that waited in it are not delivered");
        }

        Dictionary<CursorKey, long> positions = store.SetCursors(Readers);
        _notices.Find(store);
        return positions;
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Error, Message = "{Path} is damaged ({Damage}); it was put aside as {Aside}, and a new outbox is begun")]
    private partial void LogDamaged(string path, string damage, string aside);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "{Stream}: {Waiting} reports wait for {Publisher}, which is not configured: they are kept until it is, or until edge-inference outbox purge --waiting --publisher {Publisher} gives them up")]
    private partial void LogNotConfigured(string stream, string publisher, long waiting);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "{Stream}: {Notice}")]
    private partial void LogNotice(string stream, string notice);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Warning, Message = "{Path} was removed while in use; it was written anew, with all reports")]
    private partial void LogRemoved(string path);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Warning, Message = "{Path} could not be closed within {Seconds} s: its disk does not answer")]
    private partial void LogNotClosed(string path, double seconds);

    [LoggerMessage(EventId = 3016, Level = LogLevel.Information, Message = "{Path} was not closed, as when the service is killed: its {Megabytes} MB are checked before anything starts")]
    private partial void LogChecking(string path, long megabytes);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "The outbox could not be tidied: {Reason}")]
    private partial void LogMaintenanceFailed(string reason);
}
