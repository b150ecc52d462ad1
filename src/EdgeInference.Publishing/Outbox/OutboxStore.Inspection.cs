using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

internal sealed partial class OutboxStore
{
    public List<CursorStatistics> ReadStatistics()
    {
        using SqliteCommand command = _connection.Command(
            """
            SELECT c.stream, c.publisher, c.until IS NULL, c.waiting,
                (SELECT timestamp FROM reports WHERE seq = c.oldest),
                c.delivered,
                (SELECT COUNT(*) FROM set_aside s JOIN reports USING (seq) WHERE s.publisher = c.publisher AND reports.stream = c.stream),
                c.evicted
            FROM (
                SELECT cursors.*, COUNT(r.seq) AS waiting, MIN(r.seq) AS oldest
                FROM cursors LEFT JOIN reports r ON r.stream = cursors.stream AND r.seq > cursors.seq AND (until IS NULL OR r.seq <= until) AND (r.kind = 0 OR messages)
                GROUP BY cursors.stream, cursors.publisher
            ) c ORDER BY c.stream, c.publisher
            """);
        using SqliteDataReader reader = command.ExecuteReader();
        var statistics = new List<CursorStatistics>();
        while (reader.Read())
        {
            statistics.Add(new CursorStatistics(
                new CursorKey(reader.GetString(0), reader.GetString(1)),
                reader.GetBoolean(2),
                reader.GetInt64(3),
                reader.IsDBNull(4) ? null : new DateTimeOffset(reader.GetInt64(4), TimeSpan.Zero),
                reader.GetInt64(5),
                reader.GetInt64(6),
                reader.GetInt64(7)));
        }

        return statistics;
    }

    /// <summary>What waits for a reader behind a place, counted up to a limit. Reads index entries, and one report.</summary>
    public OutboxBacklog ReadBacklog(OutboxReader reader, long after, int most)
    {
        using SqliteCommand command = _connection.Command(
            """
            SELECT waiting, (SELECT timestamp FROM reports WHERE seq = oldest) FROM (SELECT COUNT(*) AS waiting, MIN(seq) AS oldest FROM (
                SELECT seq FROM reports WHERE stream = $stream AND seq > $after AND (kind = 0 OR $messages) ORDER BY seq LIMIT $count))
            """,
            "$stream", "$after", "$messages", "$count");
        using SqliteDataReader row = command.With(reader.Key.Stream, after, reader.WantsMessages, most + 1).ExecuteReader();
        row.Read();
        int count = row.GetInt32(0);
        return new OutboxBacklog(Math.Min(count, most), count <= most, row.IsDBNull(1) ? null : new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero));
    }

    /// <summary>The reports set aside that a filter lets through, oldest first.</summary>
    public List<SetAsideReport> ReadSetAside(OutboxFilter filter, int count)
    {
        using SqliteCommand command = _connection.Command(
            $"""
            SELECT r.seq, r.id, r.stream, s.publisher, r.timestamp, length(r.payload) + COALESCE(length(r.jpeg), 0), s.requeued, s.reason
            FROM set_aside s JOIN reports r USING (seq) WHERE {Filter} ORDER BY r.seq, s.publisher LIMIT $count
            """,
            [.. FilterParameters, "$count"]);
        using SqliteDataReader reader = command.With([.. filter.Values, count]).ExecuteReader();
        var reports = new List<SetAsideReport>();
        while (reader.Read())
        {
            reports.Add(new SetAsideReport(
                reader.GetInt64(0),
                new Guid(reader.GetFieldValue<byte[]>(1), bigEndian: true),
                new CursorKey(reader.GetString(2), reader.GetString(3)),
                new DateTimeOffset(reader.GetInt64(4), TimeSpan.Zero),
                reader.GetInt64(5),
                reader.GetBoolean(6),
                reader.GetString(7)));
        }

        return reports;
    }

    /// <summary>Has the reports set aside that a filter lets through tried again.</summary>
    /// <returns>How many.</returns>
    public int Requeue(OutboxFilter filter)
    {
        using SqliteCommand command = _connection.Command(
            $"UPDATE set_aside AS s SET requeued = 1 WHERE requeued = 0 AND EXISTS (SELECT 1 FROM reports r WHERE r.seq = s.seq AND {Filter})",
            FilterParameters);
        return command.With(filter.Values).ExecuteNonQuery();
    }

    /// <summary>Gives up the reports set aside that a filter lets through, a number of them at most.</summary>
    /// <returns>How many.</returns>
    public int Purge(OutboxFilter filter, int count)
    {
        List<SetAsideReport> reports = ReadSetAside(filter, count);
        foreach (SetAsideReport report in reports)
            Forget(report.Key.Publisher, report.Seq);
        return reports.Count;
    }

    /// <summary>Gives up everything that waits for a publisher.</summary>
    /// <returns>How many reports and messages.</returns>
    public long PurgeWaiting(CursorKey key)
    {
        CursorStatistics? statistics = ReadStatistics().Find(cursor => cursor.Key == key);
        if (statistics is null)
            return 0;
        Advance(key, LastSeq, delivered: 0);
        if (!statistics.IsConfigured)
        {
            using SqliteCommand command = _connection.Command("DELETE FROM cursors WHERE stream = $stream AND publisher = $publisher", "$stream", "$publisher");
            command.With(key.Stream, key.Publisher).ExecuteNonQuery();
            ForgetNotices(key);
        }

        return statistics.Waiting;
    }

    private const string Filter =
        "($id IS NULL OR r.id = $id) AND ($stream IS NULL OR r.stream = $stream COLLATE NOCASE) AND ($publisher IS NULL OR s.publisher = $publisher COLLATE NOCASE)";

    private static readonly string[] FilterParameters = ["$id", "$stream", "$publisher"];
}

/// <summary>Which of the reports set aside are meant; null lets all through.</summary>
public readonly record struct OutboxFilter(Guid? Id, string? Stream, string? Publisher)
{
    internal object?[] Values => [Id?.ToByteArray(bigEndian: true), Stream, Publisher];
}
