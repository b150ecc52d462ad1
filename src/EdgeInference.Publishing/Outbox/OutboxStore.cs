using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// The SQL of the outbox. Used by one thread at a time. Another process may have the same file open: the one that lists
/// and requeues reports while the service runs.
/// </summary>
internal sealed partial class OutboxStore : IDisposable
{
    // How long a writer waits for the other process: that reports are refused for it must not happen.
    private const int BusySeconds = 60;

    // What the write-ahead log may keep of the disk after a large transaction.
    private const int LogBytes = 16 << 20;

    // SQLITE_IOERR_SHMSIZE of https://sqlite.org/rescode.html: the disk is full.
    private const int NoRoomForIndex = 4874;

    private const string LastSeqValue = "COALESCE((SELECT CAST(seq AS INTEGER) FROM sqlite_sequence WHERE name = 'reports'), 0)";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _lastSeq;
    private readonly SqliteCommand _usedBytes;
    private readonly SqliteCommand _append;
    private readonly SqliteCommand _read;
    private readonly SqliteCommand _readWithJpeg;
    private readonly SqliteCommand _advance;
    private readonly SqliteCommand _deliveredByAll;
    private readonly SqliteCommand _deleteDelivered;
    private readonly Dictionary<string, long> _deletedUpTo = new(StringComparer.Ordinal);
    private bool? _isDurable;
    private bool _hasBeside;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isOwner">Whether it is made when it is not there, and its tables are brought up to date: for the service that has taken the file.</param>
    /// <exception cref="SqliteException">It cannot be opened, or is damaged.</exception>
    /// <exception cref="OutboxException">It is of another version of this program, which cannot be brought up to date.</exception>
    public OutboxStore(string path, bool isOwner)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusySeconds }.ToString());
        try
        {
            _connection.Open();
            if (!isOwner)
                OutboxSchema.RequireCurrent(_connection);
            UseLog(isOwner);
            _connection.Execute($"PRAGMA journal_size_limit = {LogBytes}");
            if (isOwner)
                OutboxSchema.Migrate(_connection, OutboxSchema.Scripts);
            _begin = _connection.Command("BEGIN IMMEDIATE");
            _commit = _connection.Command("COMMIT");
            _lastSeq = _connection.Command($"SELECT {LastSeqValue}");
            _usedBytes = _connection.Command(
                "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size");
            _append = _connection.Command(
                """
                INSERT INTO reports (id, stream, model, kind, topic, timestamp, summary, payload, jpeg)
                VALUES ($id, $stream, $model, $kind, $topic, $timestamp, $summary, $payload, $jpeg)
                ON CONFLICT (id) DO NOTHING
                """,
                "$id", "$stream", "$model", "$kind", "$topic", "$timestamp", "$summary", "$payload", "$jpeg");
            _read = _connection.Command(SelectReports("NULL"), "$stream", "$after", "$messages", "$count");
            _readWithJpeg = _connection.Command(SelectReports("jpeg"), "$stream", "$after", "$messages", "$count");

            // What was evicted while it was on its way has arrived after all. What was given up, or went with a damaged file,
            // was not evicted: the cursor has passed it.
            _advance = _connection.Command(
                """
                UPDATE cursors SET seq = MAX(seq, $seq), delivered = delivered + $delivered, evicted = CASE
                    WHEN seq >= $seq THEN evicted
                    ELSE MAX(0, evicted - MAX(0, $delivered - (
                        SELECT COUNT(*) FROM reports r WHERE r.stream = $stream AND r.seq > cursors.seq AND r.seq <= $seq AND r.kind = 0)))
                END
                WHERE stream = $stream AND publisher = $publisher
                """,
                "$seq", "$delivered", "$stream", "$publisher");
            _deliveredByAll = _connection.Command($"{DeliveredByAll} $stream", "$stream");
            _deleteDelivered = _connection.Command(
                $"DELETE FROM reports WHERE stream = $stream AND seq > $from AND seq <= $to AND {NobodyElseWaits}", "$stream", "$from", "$to");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>The place of the last report of all; 0 when there has been none.</summary>
    public long LastSeq => (long)_lastSeq.ExecuteScalar()!;

    /// <summary>Bytes of the file that are in use; freed ones are used again.</summary>
    public long UsedBytes => (long)_usedBytes.ExecuteScalar()!;

    /// <summary>What is wrong with the file; null when nothing is. Reads all of it.</summary>
    public string? FindDamage() => _connection.Scalar("PRAGMA quick_check(1)") is string found && found != "ok" ? found : null;

    /// <summary>What is wrong with the tables and with the counting of places, which decides who gets what; null when nothing is. Reads little.</summary>
    public string? FindDisorder() => !OutboxSchema.IsIntact(_connection) ? "its tables are not those of its version" : _connection.Scalar(
        $"""
        SELECT CASE
            WHEN NOT seq BETWEEN COALESCE((SELECT MAX(seq) FROM reports), 0) AND {1L << 60} THEN 'the counter of reports is wrong'
            WHEN EXISTS (SELECT 1 FROM cursors WHERE cursors.seq NOT BETWEEN 0 AND place.seq) THEN 'a cursor is beyond the last report'
        END FROM (SELECT {LastSeqValue} AS seq) place
        """) as string;

    /// <summary>Runs <paramref name="work"/> as one transaction.</summary>
    /// <param name="durable">Whether it is on disk, and not only with the operating system, when this returns.</param>
    /// <param name="work">What to do; its exception undoes all of it.</param>
    public T InTransaction<T>(bool durable, Func<T> work)
    {
        if (_isDurable != durable)
            _connection.Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        _isDurable = durable;
        _begin.ExecuteNonQuery();
        try
        {
            T result = work();
            _commit.ExecuteNonQuery();
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <inheritdoc cref="InTransaction{T}"/>
    public void InTransaction(bool durable, Action work) => InTransaction(durable, () =>
    {
        work();
        return true;
    });

    /// <summary>Moves the write-ahead log into the file, so that its room can be used again: what helps when the disk is full.</summary>
    public void EmptyLog() => _connection.Execute("PRAGMA wal_checkpoint(RESTART)");

    /// <summary>Writes everything into another file, which is empty.</summary>
    public void CopyTo(string path)
    {
        using SqliteCommand command = _connection.Command("VACUUM INTO $path", "$path");
        command.With(path).ExecuteNonQuery();
    }

    /// <summary>A report that is there already, by its id, is left as it is.</summary>
    public void Append(Report report)
    {
        _append.With(
            report.Id.ToByteArray(bigEndian: true),
            report.Stream,
            report.Model,
            (long)report.Kind,
            report.Topic,
            report.Timestamp.UtcTicks,
            report.Summary,
            report.Payload.ToArray(),
            report.Jpeg?.ToArray());
        _append.ExecuteNonQuery();
    }

    /// <summary>The next reports for a reader, in order: at most <paramref name="count"/>, and none after <paramref name="bytes"/> are exceeded.</summary>
    public List<StoredReport> Read(OutboxReader reader, long after, int count, long bytes, bool withJpeg)
    {
        var reports = new List<StoredReport>();
        using SqliteDataReader rows = (withJpeg ? _readWithJpeg : _read).With(reader.Key.Stream, after, reader.WantsMessages, count).ExecuteReader();
        while (bytes > 0 && rows.Read())
        {
            StoredReport stored = ReadReport(rows);
            bytes -= stored.Report.Payload.Length + (stored.Report.Jpeg?.Length ?? 0);
            reports.Add(stored);
        }

        return reports;
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in (SqliteCommand[])[_begin, _commit, _lastSeq, _usedBytes, _append, _read, _readWithJpeg, _advance, _deliveredByAll, _deleteDelivered])
            command.Dispose();
        _connection.Dispose();
    }

    private void UseLog(bool isOwner)
    {
        const string useLog = "PRAGMA journal_mode = WAL";
        try
        {
            _connection.Execute(useLog);
        }
        catch (SqliteException exception) when (isOwner && exception.SqliteExtendedErrorCode == NoRoomForIndex)
        {
            // What is there can be delivered all the same: the index of the log is in memory where nobody else may look into the file.
            _connection.Close();
            _connection.Open();
            _connection.Execute("PRAGMA locking_mode = EXCLUSIVE");
            _connection.Execute(useLog);
        }
    }

    private void RollBack()
    {
        // What was deleted is there again, and a table that was made is not.
        _deletedUpTo.Clear();
        _hasBeside = false;
        try
        {
            _connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does when the disk is full; the first exception tells the reason.
        }
    }

    private static string SelectReports(string jpeg) =>
        $"SELECT seq, id, stream, model, kind, topic, timestamp, summary, payload, {jpeg} FROM reports WHERE stream = $stream AND seq > $after AND (kind = 0 OR $messages) ORDER BY seq LIMIT $count";

    private static StoredReport ReadReport(SqliteDataReader row)
    {
        try
        {
            return new StoredReport(
                row.GetInt64(0),
                new Report
                {
                    Id = new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true),
                    Stream = row.GetString(2),
                    Model = row.GetString(3),
                    Kind = (ReportKind)row.GetInt64(4),
                    Topic = row.GetString(5),
                    Timestamp = new DateTimeOffset(row.GetInt64(6), TimeSpan.Zero),
                    Summary = row.GetString(7),
                    Payload = row.GetFieldValue<byte[]>(8),
                    Jpeg = row.IsDBNull(9) ? null : (ReadOnlyMemory<byte>?)row.GetFieldValue<byte[]>(9),
                });
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or InvalidCastException)
        {
            // SQLite looks at the structure of its file only, and not at what is in a row.
            throw new SqliteException($"report {row.GetInt64(0)} is not readable: {exception.Message}", OutboxFile.Corrupt);
        }
    }
}
