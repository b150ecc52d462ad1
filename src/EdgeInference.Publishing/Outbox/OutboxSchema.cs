using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// The tables of the outbox, by version (PRAGMA user_version), and those beside them. An older program refuses a file of a
/// newer version, so that a new version ends going back, and needs room on the disk before anything is delivered: what can be
/// added is added beside.
/// </summary>
internal static class OutboxSchema
{
    // Made by no version of its own: a program that does not know them goes on with the file, and lets them be. They are made when there is room.
    // A row of untold is for evictions of a cursor without a notice so far; told is how many had been evicted at the last notice. reason is that
    // of the latest. Without a row all were told, by this program or by one that had no such table. A notice goes out with the next report
    // of its stream.
    private const string Beside =
        """
        CREATE TABLE IF NOT EXISTS untold (
            stream TEXT NOT NULL,
            publisher TEXT NOT NULL,
            told INTEGER NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (stream, publisher)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS notices (
            seq INTEGER PRIMARY KEY,
            stream TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        """;

    /// <summary>The script at index n makes version n + 1 of version n: a file of any older version is brought up to date when it is opened.</summary>
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
    ];

    public static int Version => Scripts.Count;

    /// <summary>Whether the tables that the scripts make are there, and those beside them are ours: the file holds them as text, which may be damaged. Others are somebody's business.</summary>
    public static bool IsIntact(SqliteConnection connection)
    {
        using var made = new SqliteConnection("Data Source=:memory:");
        made.Open();
        Migrate(made, Scripts);
        HashSet<string> required = [.. ReadTexts(made).Keys];
        AddBeside(made);
        Dictionary<string, string> found = ReadTexts(connection);
        return ReadTexts(made).All(ours => found.TryGetValue(ours.Key, out string? text) ? text == ours.Value : !required.Contains(ours.Key));
    }

    /// <summary>Brings the tables up to date, also where another process has begun to.</summary>
    /// <exception cref="OutboxException">The file is of a newer version than the last of the scripts.</exception>
    public static void Migrate(SqliteConnection connection, IReadOnlyList<string> scripts)
    {
        if (ReadVersion(connection, scripts.Count) == scripts.Count)
            return;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);

        // Only now does it stay as it is.
        for (long version = ReadVersion(connection, scripts.Count); version < scripts.Count; version++)
            connection.Execute(scripts[(int)version]);
        connection.Execute($"PRAGMA user_version = {scripts.Count}");
        transaction.Commit();
    }

    /// <summary>Makes the tables beside those of the version, where they are not there.</summary>
    public static void AddBeside(SqliteConnection connection) => connection.Execute(Beside);

    /// <summary>Whether the tables beside those of the version are there.</summary>
    public static bool HasBeside(SqliteConnection connection) =>
        (long)connection.Scalar("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('untold', 'notices')")! == 2;

    /// <summary>Leaves the tables as they are: a service that knows no newer ones may be using them.</summary>
    /// <exception cref="OutboxException">The file is of another version than this program.</exception>
    public static void RequireCurrent(SqliteConnection connection)
    {
        if (ReadVersion(connection, Version) is var version && version < Version)
            throw new OutboxException($"{connection.DataSource} is of an older version of this program (schema {version}, this one has {Version}): the service of this version brings it up to date when it starts");
    }

    private static long ReadVersion(SqliteConnection connection, int newest)
    {
        long version = (long)connection.Scalar("PRAGMA user_version")!;
        if (version > newest)
            throw new OutboxException($"{connection.DataSource} was written by a newer version of this program (schema {version}, this one knows {newest}): use that version, or another outbox directory");
        return version >= 0 ? version : throw new SqliteException($"{connection.DataSource} has the version {version}", OutboxFile.Corrupt);
    }

    /// <summary>The texts of tables and indexes by their names.</summary>
    private static Dictionary<string, string> ReadTexts(SqliteConnection connection)
    {
        using SqliteCommand command = connection.Command("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'");
        using SqliteDataReader reader = command.ExecuteReader();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read())
            texts[reader.GetString(0)] = reader.GetString(1);
        return texts;
    }
}
