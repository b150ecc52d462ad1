using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <summary>What one step of eviction did.</summary>
/// <param name="Deleted">Reports and messages deleted.</param>
/// <param name="Streams">Whose, where a publisher had not delivered them.</param>
internal readonly record struct Eviction(int Deleted, IEnumerable<string> Streams);

internal sealed partial class OutboxStore
{
    // Reports looked at in one go: enough for any excess that one commit makes.
    private const int EvictionStep = 64;

    /// <summary>Deletes the oldest reports, until about so many bytes are free; messages, which are small and tell of evictions, only when nothing else is left.</summary>
    public Eviction EvictBytes(long bytes, string reason) =>
        EvictBytes(bytes, ReportKind.Result, reason) is { Deleted: > 0 } eviction ? eviction : EvictBytes(bytes, ReportKind.Lifecycle, reason);

    private Eviction EvictBytes(long bytes, ReportKind upToKind, string reason)
    {
        using SqliteCommand command = _connection.Command(
            "SELECT seq, length(payload) + COALESCE(length(jpeg), 0) + length(summary) FROM reports WHERE kind <= $kind ORDER BY seq LIMIT $count", "$kind", "$count");
        long upTo = 0;
        using (SqliteDataReader reader = command.With((long)upToKind, EvictionStep).ExecuteReader())
        {
            while (bytes > 0 && reader.Read())
            {
                upTo = reader.GetInt64(0);
                bytes -= reader.GetInt64(1);
            }
        }

        return EvictUpTo(upTo, upToKind, reason);
    }

    /// <summary>Deletes reports that are older than a time, a number of them at a time, up to the first one that is not: the clock may have been wrong.</summary>
    public Eviction EvictOlderThan(DateTimeOffset time, string reason)
    {
        using SqliteCommand command = _connection.Command(
            """
            WITH oldest AS (SELECT seq, timestamp FROM reports ORDER BY seq LIMIT $count)
            SELECT COALESCE(MAX(seq), 0) FROM oldest WHERE seq < COALESCE((SELECT MIN(seq) FROM oldest WHERE timestamp >= $time), 9223372036854775807)
            """,
            "$count", "$time");
        return EvictUpTo((long)command.With(EvictionStep, time.UtcTicks).ExecuteScalar()!, ReportKind.Lifecycle, reason);
    }

    private Eviction EvictUpTo(long upTo, ReportKind upToKind, string reason)
    {
        if (upTo == 0)
            return new Eviction(0, []);
        var lost = new List<KeyValuePair<CursorKey, long>>();
        using (SqliteCommand count = _connection.Command(
            """
            SELECT stream, publisher, SUM(lost) FROM (
                SELECT c.stream AS stream, c.publisher AS publisher, COUNT(*) AS lost FROM cursors c JOIN reports r ON r.stream = c.stream
                WHERE r.seq <= $upTo AND r.kind <= $kind AND r.seq > c.seq AND (c.until IS NULL OR r.seq <= c.until) AND (r.kind = 0 OR c.messages) GROUP BY 1, 2
                UNION ALL
                SELECT r.stream, s.publisher, COUNT(*) FROM set_aside s JOIN reports r USING (seq) WHERE seq <= $upTo AND r.kind <= $kind GROUP BY 1, 2
            ) GROUP BY 1, 2
            """,
            "$upTo", "$kind"))
        using (SqliteDataReader reader = count.With(upTo, (long)upToKind).ExecuteReader())
        {
            while (reader.Read())
                lost.Add(KeyValuePair.Create(new CursorKey(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2)));
        }

        AllowNotices();
        using SqliteCommand add = _connection.Command(
            "UPDATE cursors SET evicted = evicted + $evicted WHERE stream = $stream AND publisher = $publisher", "$evicted", "$stream", "$publisher");
        foreach ((CursorKey key, long reports) in lost)
        {
            AddUntold(key, reason);
            add.With(reports, key.Stream, key.Publisher).ExecuteNonQuery();
        }

        using SqliteCommand forget = _connection.Command(
            "DELETE FROM set_aside WHERE seq IN (SELECT seq FROM reports WHERE seq <= $upTo AND kind <= $kind)", "$upTo", "$kind");
        forget.With(upTo, (long)upToKind).ExecuteNonQuery();
        using SqliteCommand delete = _connection.Command("DELETE FROM reports WHERE seq <= $upTo AND kind <= $kind", "$upTo", "$kind");
        return new Eviction(delete.With(upTo, (long)upToKind).ExecuteNonQuery(), lost.Select(static entry => entry.Key.Stream));
    }
}
