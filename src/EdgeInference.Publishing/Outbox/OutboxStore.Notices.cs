using System.Globalization;
using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

internal sealed partial class OutboxStore
{
    /// <summary>Whether no service has used the file yet.</summary>
    public bool IsNew => (long)_connection.Scalar("SELECT NOT EXISTS (SELECT 1 FROM cursors)")! == 1;

    /// <summary>Whether there can be notices: a file that an older program wrote has no tables for them until there is room.</summary>
    private bool HasBeside => _hasBeside = _hasBeside || OutboxSchema.HasBeside(_connection);

    /// <summary>Makes room for notices in a file that an older program wrote; in a transaction.</summary>
    public void AllowNotices()
    {
        if (!HasBeside)
            OutboxSchema.AddBeside(_connection);
        _hasBeside = true;
    }

    /// <summary>The streams that have lost reports without a notice.</summary>
    public List<string> FindUntold() => HasBeside ? Texts("SELECT DISTINCT stream FROM cursors JOIN untold USING (stream, publisher) WHERE evicted > told") : [];

    /// <summary>Makes a notice of what a stream has lost since the last one.</summary>
    /// <returns>Null when it has lost nothing.</returns>
    public string? TellEvictions(string stream)
    {
        if (!HasBeside)
            return null;
        List<string> lost = [];
        string reason = "";
        using (SqliteCommand command = _connection.Command(
            "SELECT publisher, evicted - told, reason FROM cursors JOIN untold USING (stream, publisher) WHERE stream = $stream AND evicted > told ORDER BY publisher", "$stream"))
        using (SqliteDataReader reader = command.With(stream).ExecuteReader())
        {
            while (reader.Read())
            {
                lost.Add(string.Create(CultureInfo.InvariantCulture, $"{reader.GetString(0)} {reader.GetInt64(1)}"));
                reason = reader.GetString(2);
            }
        }

        if (lost.Count == 0)
            return null;
        string text = $"Outbox: oldest reports were evicted before they were delivered ({string.Join(", ", lost)}), because {reason}";
        using SqliteCommand tell = _connection.Command("DELETE FROM untold WHERE stream = $stream", "$stream");
        tell.With(stream).ExecuteNonQuery();
        AddNotice(stream, text);
        return text;
    }

    public void AddNotice(string stream, string text)
    {
        using SqliteCommand command = _connection.Command("INSERT INTO notices (stream, text) VALUES ($stream, $text)", "$stream", "$text");
        command.With(stream, text).ExecuteNonQuery();
    }

    /// <summary>Takes out the notices of a stream, oldest first.</summary>
    public List<string> TakeNotices(string stream)
    {
        using SqliteCommand read = _connection.Command("SELECT text FROM notices WHERE stream = $stream ORDER BY seq", "$stream");
        List<string> texts = Texts(read.With(stream));
        using SqliteCommand delete = _connection.Command("DELETE FROM notices WHERE stream = $stream", "$stream");
        delete.With(stream).ExecuteNonQuery();
        return texts;
    }

    /// <summary>The streams that have notices.</summary>
    public List<string> FindNotices() => HasBeside ? Texts("SELECT DISTINCT stream FROM notices") : [];

    /// <summary>Before evictions of a cursor are counted: they are to be told.</summary>
    private void AddUntold(CursorKey key, string reason)
    {
        // What was evicted on its way and has arrived after all may have taken the count below what was told.
        using SqliteCommand command = _connection.Command(
            """
            INSERT INTO untold (stream, publisher, told, reason) SELECT stream, publisher, evicted, $reason FROM cursors WHERE stream = $stream AND publisher = $publisher
            ON CONFLICT DO UPDATE SET told = MIN(told, excluded.told), reason = excluded.reason
            """,
            "$reason", "$stream", "$publisher");
        command.With(reason, key.Stream, key.Publisher).ExecuteNonQuery();
    }

    /// <summary>A cursor is gone: what was to be told of it goes too, and with the last cursor of a stream its notices.</summary>
    private void ForgetNotices(CursorKey key)
    {
        if (!HasBeside)
            return;
        using SqliteCommand untold = _connection.Command("DELETE FROM untold WHERE stream = $stream AND publisher = $publisher", "$stream", "$publisher");
        untold.With(key.Stream, key.Publisher).ExecuteNonQuery();
        using SqliteCommand notices = _connection.Command(
            "DELETE FROM notices WHERE stream = $stream AND NOT EXISTS (SELECT 1 FROM cursors WHERE cursors.stream = notices.stream)", "$stream");
        notices.With(key.Stream).ExecuteNonQuery();
    }

    private List<string> Texts(string query)
    {
        using SqliteCommand command = _connection.Command(query);
        return Texts(command);
    }

    private static List<string> Texts(SqliteCommand command)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    }
}
