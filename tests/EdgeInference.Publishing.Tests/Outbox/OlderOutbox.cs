using EdgeInference.Publishing.Outbox;
using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Tests.Outbox;

/// <summary>What a program knows that has the first version of the tables and none beside them.</summary>
internal static class OlderOutbox
{
    /// <summary>A file with reports that wait, one set aside, cursors and their counts.</summary>
    public static void Write(SqliteConnection connection)
    {
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute(OutboxSchema.Scripts[0]);
        connection.Execute(
            """
            WITH RECURSIVE numbers (n) AS (VALUES (3) UNION ALL SELECT n + 1 FROM numbers WHERE n < 9)
            INSERT INTO reports (seq, id, stream, model, kind, topic, timestamp, summary, payload, jpeg)
            SELECT n, randomblob(16), 'line1', 'demo', 0, 'openvino/ssd', 639000000000000000 + n, CAST(n AS TEXT), CAST('{}' AS BLOB), x'FFD8' FROM numbers;
            INSERT INTO cursors (stream, publisher, messages, seq, until, delivered, evicted)
            VALUES ('line1', 'Mqtt', 1, 6, NULL, 3, 2), ('line1', 'LocalJpeg', 0, 2, NULL, 2, 0);
            INSERT INTO set_aside (seq, publisher, reason, at) VALUES (5, 'Mqtt', 'too large', 639000000000000005);
            PRAGMA user_version = 1;
            """);
    }

    /// <summary>It opens a file of no other version, and holds one for damaged whose tables have other texts; it lets others be.</summary>
    public static void AssertOpens(SqliteConnection connection)
    {
        using var own = new SqliteConnection("Data Source=:memory:");
        own.Open();
        own.Execute(OutboxSchema.Scripts[0]);
        Assert.Equal(1L, connection.Scalar("PRAGMA user_version"));
        Assert.Subset(Texts(connection), Texts(own));
    }

    /// <summary>It makes a publisher its own, commits a report, evicts the two that wait longest, and delivers the rest.</summary>
    public static void Run(SqliteConnection connection) => connection.Execute(
        """
        UPDATE cursors SET until = COALESCE(until, (SELECT seq FROM sqlite_sequence WHERE name = 'reports'));
        INSERT INTO cursors (stream, publisher, messages, seq) VALUES ('line1', 'Mqtt', 1, 0)
        ON CONFLICT DO UPDATE SET until = NULL, messages = excluded.messages, seq = CASE WHEN until IS NOT NULL AND seq >= until THEN 0 ELSE seq END;
        INSERT INTO reports (id, stream, model, kind, topic, timestamp, summary, payload)
        VALUES (randomblob(16), 'line1', 'demo', 0, 'openvino/ssd', 639000000000000000, 'older', CAST('{}' AS BLOB));
        UPDATE cursors SET evicted = evicted + 2 WHERE publisher = 'Mqtt';
        DELETE FROM reports WHERE seq IN (SELECT seq FROM reports ORDER BY seq LIMIT 2);
        UPDATE cursors SET delivered = delivered + (SELECT COUNT(*) FROM reports WHERE kind = 0), seq = (SELECT MAX(seq) FROM reports) WHERE publisher = 'Mqtt';
        DELETE FROM reports;
        """);

    private static HashSet<string> Texts(SqliteConnection connection)
    {
        using SqliteCommand command = connection.Command("SELECT name || ' ' || sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'");
        using SqliteDataReader reader = command.ExecuteReader();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    }
}
