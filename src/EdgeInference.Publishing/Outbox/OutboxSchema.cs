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
        // Types and checks are what the search for damage goes by. kind is that of ReportKind; a cursor without messages is for results, kind 0, only.
        // A cursor has delivered all reports of its stream up to seq; one whose publisher is not configured any more
        // has no interest in reports after until.
        """
        CREATE TABLE reports (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            stream TEXT NOT NULL,
            model TEXT NOT NULL,
            kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
            topic TEXT NOT NULL,
            timestamp INTEGER NOT NULL CHECK (timestamp BETWEEN 0 AND 3155378975999999999),
            summary TEXT NOT NULL,
            payload BLOB NOT NULL,
            jpeg BLOB
        ) STRICT;
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
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE set_aside (
            seq INTEGER NOT NULL REFERENCES reports (seq),
            publisher TEXT NOT NULL,
            reason TEXT NOT NULL,
            at INTEGER NOT NULL,
            requeued INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (seq, publisher)
        ) STRICT, WITHOUT ROWID;
        """,

        // told of those evicted are in notices, or have been; reason is that of the last ones. A notice goes out with the
        // next report of its stream. What a file of the first version has evicted was told by the service that wrote it.
        """
        ALTER TABLE cursors ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE cursors ADD COLUMN reason TEXT;
        UPDATE cursors SET told = evicted;
        CREATE TABLE notices (
            seq INTEGER PRIMARY KEY,
            stream TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        """,
    ];

    public static int Version => Scripts.Count;

    /// <summary>Whether the tables that the scripts make are there: the file holds them as text, which may be damaged. Others are somebody's business.</summary>
    public static bool IsIntact(SqliteConnection connection)
    {
        using var made = new SqliteConnection("Data Source=:memory:");
        made.Open();
        Migrate(made);
        const string ours = "SELECT name || ' ' || sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
        return Texts(made, ours).IsSubsetOf(Texts(connection, ours));
    }

    private static HashSet<string> Texts(SqliteConnection connection, string query)
    {
        using SqliteCommand command = connection.Command(query);
        using SqliteDataReader reader = command.ExecuteReader();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    }

    /// <summary>Brings the tables up to date, also where another process has begun to.</summary>
    /// <exception cref="OutboxException">The file is of a newer version than this program.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        if (ReadVersion(connection) == Version)
            return;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);

        // Only now does it stay as it is.
        for (long version = ReadVersion(connection); version < Version; version++)
            connection.Execute(Scripts[(int)version]);
        connection.Execute($"PRAGMA user_version = {Version}");
        transaction.Commit();
    }

    /// <summary>Leaves the tables as they are: a service that knows no newer ones may be using them.</summary>
    /// <exception cref="OutboxException">The file is of another version than this program.</exception>
    public static void RequireCurrent(SqliteConnection connection)
    {
        if (ReadVersion(connection) is var version && version < Version)
            throw new OutboxException($"{connection.DataSource} is of an older version of this program (schema {version}, this one has {Version}): the service of this version brings it up to date when it starts");
    }

    private static long ReadVersion(SqliteConnection connection)
    {
        long version = (long)connection.Scalar("PRAGMA user_version")!;
        if (version > Version)
            throw new OutboxException($"{connection.DataSource} was written by a newer version of this program (schema {version}, this one knows {Version}): use that version, or another outbox directory");
        return version >= 0 ? version : throw new SqliteException($"{connection.DataSource} has the version {version}", OutboxFile.Corrupt);
    }
}
