using System.Text;
using EdgeInference.TestSupport;
using Microsoft.Data.Sqlite;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>A report as it lies in the outbox.</summary>
internal sealed record CommittedReport(long Seq, Guid Id, string Stream, bool IsResult, string Payload);

/// <summary>What was in the outbox when the service was gone, read from a copy: the file itself stays as the kill left it.</summary>
internal sealed record OutboxSnapshot(
    long LastSeq, IReadOnlyList<CommittedReport> Reports, IReadOnlyDictionary<(string Stream, string Publisher), long> Cursors, WriteAheadLog Log)
{
    private static readonly string[] Suffixes = ["", "-wal"];

    public static OutboxSnapshot Take(string path)
    {
        using var folder = new TemporaryFolder();
        string copy = folder.File("outbox.db");
        foreach (string suffix in Suffixes.Where(suffix => File.Exists(path + suffix)))
            File.Copy(path + suffix, copy + suffix);
        WriteAheadLog log = File.Exists(copy + "-wal") ? WriteAheadLog.Read(File.ReadAllBytes(copy + "-wal")) : new WriteAheadLog(0, 0, 0);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ToString());
        connection.Open();
        Assert.Equal("ok", Assert.Single(Rows(connection, "PRAGMA integrity_check", static row => row.GetString(0))));

        // Killed before there were tables.
        if (Rows(connection, "SELECT 1 FROM sqlite_master WHERE name = 'reports'", static _ => true).Count == 0)
            return new OutboxSnapshot(0, [], new Dictionary<(string, string), long>(), log);
        List<long> last = Rows(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'reports'", static row => row.GetInt64(0));
        List<CommittedReport> reports = Rows(connection, "SELECT seq, id, stream, kind, payload FROM reports ORDER BY seq", static row => new CommittedReport(
            row.GetInt64(0),
            new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true),
            row.GetString(2),
            row.GetInt64(3) == 0,
            Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(4))));
        Dictionary<(string, string), long> cursors = Rows(
            connection, "SELECT stream, publisher, seq FROM cursors", static row => ((row.GetString(0), row.GetString(1)), row.GetInt64(2)))
            .ToDictionary(static row => row.Item1, static row => row.Item2);
        return new OutboxSnapshot(last.SingleOrDefault(), reports, cursors, log);
    }

    /// <summary>Whether a publisher has yet to deliver a report, by what is written down.</summary>
    public bool IsWaiting(Guid id, string publisher) =>
        Reports.FirstOrDefault(report => report.Id == id) is { } report && report.Seq > Cursors[(report.Stream, publisher)];

    private static List<T> Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a literal of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }
}
