using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// The tables of the outbox, by version (PRAGMA user_version). A new version is a script at the end of the list: a file
/// of any older one is brought up to date when it is opened.
/// </summary>
internal static class OutboxSchema
{
    /// <summary>The script at index n makes version n + 1 of version n.</summary>
    public static IReadOnlyList<string> Scripts { get; } =
    [
        // seq orders the reports of all streams and is never used twice. The large columns come last, so that reading
        // the others does not read them. timestamp and at are ticks of 100 ns, UTC.
        // kind is that of ReportKind; a cursor without messages is for results, kind 0, only.
        // A cursor has delivered all reports of its stream up to seq; one whose publisher is not configured any more
        // has no interest in reports after until.
        """
        CREATE TABLE reports (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            stream TEXT NOT NULL,
            model TEXT NOT NULL,
            kind INTEGER NOT NULL,
            topic TEXT NOT NULL,
            timestamp INTEGER NOT NULL,
            summary TEXT NOT NULL,
            payload BLOB NOT NULL,
            jpeg BLOB
        );
        CREATE INDEX reports_by_stream ON reports (stream, seq, kind);
        CREATE TABLE cursors (
            stream TEXT NOT NULL,
            publisher TEXT NOT NULL,
            messages INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            until INTEGER,
            delivered INTEGER NOT NULL DEFAULT 0,
            evicted INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (stream, publisher)
        ) WITHOUT ROWID;
        CREATE TABLE set_aside (
            seq INTEGER NOT NULL REFERENCES reports (seq),
            publisher TEXT NOT NULL,
            reason TEXT NOT NULL,
            at INTEGER NOT NULL,
            requeued INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (seq, publisher)
        ) WITHOUT ROWID;
        """,
    ];

    public static int Version => Scripts.Count;

    /// <exception cref="OutboxException">The file is of a newer version than this program.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        long version = (long)connection.Scalar("PRAGMA user_version")!;
        if (version > Version)
            throw new OutboxException($"{connection.DataSource} was written by a newer version of this program (schema {version}, this one knows {Version}): use that version, or another outbox directory");
        if (version == Version)
            return;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        for (; version < Version; version++)
            connection.Execute(Scripts[(int)version]);
        connection.Execute($"PRAGMA user_version = {Version}");
        transaction.Commit();
    }
}
