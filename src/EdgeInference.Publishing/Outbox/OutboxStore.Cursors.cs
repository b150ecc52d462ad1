using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

internal sealed partial class OutboxStore
{
    // What every publisher of a stream has delivered that is configured; all there is where none is.
    private const string DeliveredByAll =
        "SELECT COALESCE(MIN(c.seq), (SELECT seq FROM sqlite_sequence WHERE name = 'reports')) FROM cursors c WHERE c.until IS NULL AND c.stream = ";

    // Reports that wait for somebody who is not configured now, or that somebody has refused, stay.
    private const string NobodyElseWaits =
        """
        NOT EXISTS (SELECT 1 FROM cursors c WHERE c.stream = reports.stream AND c.until IS NOT NULL AND reports.seq > c.seq AND reports.seq <= c.until)
        AND NOT EXISTS (SELECT 1 FROM set_aside s WHERE s.seq = reports.seq)
        """;

    /// <summary>
    /// Makes these the cursors of the outbox: new ones begin with the next report, known ones go on where they were,
    /// and others keep what waits for them but get nothing new.
    /// </summary>
    /// <returns>The place that each has delivered up to.</returns>
    public Dictionary<CursorKey, long> SetCursors(IReadOnlyCollection<OutboxReader> readers)
    {
        // One that is back may be behind what the others have had deleted.
        _deletedUpTo.Clear();
        long last = LastSeq;
        using SqliteCommand freeze = _connection.Command("UPDATE cursors SET until = COALESCE(until, $last)", "$last");
        using SqliteCommand open = _connection.Command(
            """
            INSERT INTO cursors (stream, publisher, messages, seq) VALUES ($stream, $publisher, $messages, $last)
            ON CONFLICT DO UPDATE SET until = NULL, messages = excluded.messages, seq = CASE WHEN until IS NOT NULL AND seq >= until THEN $last ELSE seq END
            RETURNING seq
            """,
            "$stream", "$publisher", "$messages", "$last");
        freeze.With(last).ExecuteNonQuery();
        return readers.ToDictionary(
            static reader => reader.Key,
            reader => (long)open.With(reader.Key.Stream, reader.Key.Publisher, reader.WantsMessages, last).ExecuteScalar()!);
    }

    /// <summary>Counts places from here on in a file that has no reports yet.</summary>
    public void BeginAt(long seq)
    {
        // SQLite makes the row with the first report.
        using SqliteCommand command = _connection.Command(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'reports', $seq WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'reports')", "$seq");
        command.With(seq).ExecuteNonQuery();
    }

    /// <summary>A publisher has delivered everything up to a place; reports that no publisher waits for any more are deleted.</summary>
    public void Advance(CursorKey key, long seq, int delivered)
    {
        _advance.With(seq, delivered, key.Stream, key.Publisher).ExecuteNonQuery();
        DeleteDelivered(key.Stream);
    }

    /// <summary>A publisher has refused a report for good, or once more: it passes on, and the report stays.</summary>
    public void SetAside(CursorKey key, long seq, string reason, DateTimeOffset at, int delivered)
    {
        using SqliteCommand command = _connection.Command(
            """
            INSERT INTO set_aside (seq, publisher, reason, at) SELECT seq, $publisher, $reason, $at FROM reports WHERE seq = $seq
            ON CONFLICT DO UPDATE SET reason = excluded.reason, at = excluded.at, requeued = 0
            """,
            "$publisher", "$reason", "$at", "$seq");
        command.With(key.Publisher, reason, at.UtcTicks, seq).ExecuteNonQuery();
        Advance(key, seq, delivered);
    }

    /// <summary>The oldest report that a publisher is to try again; null when there is none.</summary>
    public StoredReport? ReadRequeued(CursorKey key)
    {
        // CROSS JOIN keeps the order of the tables: SQLite would go through all reports of the stream, and those set aside are few.
        using SqliteCommand command = _connection.Command(
            """
            SELECT seq, id, stream, model, kind, topic, timestamp, summary, payload, jpeg FROM reports
            WHERE seq = (
                SELECT s.seq FROM set_aside s CROSS JOIN reports r ON r.seq = s.seq
                WHERE s.publisher = $publisher AND s.requeued = 1 AND r.stream = $stream ORDER BY s.seq LIMIT 1
            )
            """,
            "$stream", "$publisher");
        using SqliteDataReader reader = command.With(key.Stream, key.Publisher).ExecuteReader();
        return reader.Read() ? ReadReport(reader) : null;
    }

    /// <summary>The publishers that have something to try again.</summary>
    public List<CursorKey> FindRequeued()
    {
        using SqliteCommand command = _connection.Command("SELECT DISTINCT stream, publisher FROM set_aside JOIN reports USING (seq) WHERE requeued = 1");
        using SqliteDataReader reader = command.ExecuteReader();
        var keys = new List<CursorKey>();
        while (reader.Read())
            keys.Add(new CursorKey(reader.GetString(0), reader.GetString(1)));
        return keys;
    }

    /// <summary>A report that was set aside has been delivered after all.</summary>
    public void CompleteRequeued(CursorKey key, long seq, int delivered)
    {
        Forget(key.Publisher, seq);
        using SqliteCommand command = _connection.Command(
            "UPDATE cursors SET delivered = delivered + $delivered WHERE stream = $stream AND publisher = $publisher", "$delivered", "$stream", "$publisher");
        command.With(delivered, key.Stream, key.Publisher).ExecuteNonQuery();
    }

    /// <summary>Where the cursors are that are written down; for a start on a full disk.</summary>
    public Dictionary<CursorKey, long> ReadCursors()
    {
        using SqliteCommand command = _connection.Command("SELECT stream, publisher, seq FROM cursors");
        using SqliteDataReader reader = command.ExecuteReader();
        var cursors = new Dictionary<CursorKey, long>();
        while (reader.Read())
            cursors.Add(new CursorKey(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
        return cursors;
    }

    private void Forget(string publisher, long seq)
    {
        using SqliteCommand command = _connection.Command("DELETE FROM set_aside WHERE seq = $seq AND publisher = $publisher", "$seq", "$publisher");
        command.With(seq, publisher).ExecuteNonQuery();
        using SqliteCommand delete = _connection.Command(
            $"""
            DELETE FROM reports WHERE seq = $seq AND seq <= ({DeliveredByAll} reports.stream) AND {NobodyElseWaits}
            """,
            "$seq");
        delete.With(seq).ExecuteNonQuery();
    }

    private void DeleteDelivered(string stream)
    {
        long from = _deletedUpTo.GetValueOrDefault(stream);
        if (_deliveredByAll.With(stream).ExecuteScalar() is not long upTo || upTo <= from)
            return;
        _deleteDelivered.With(stream, from, upTo).ExecuteNonQuery();
        _deletedUpTo[stream] = upTo;
    }
}
