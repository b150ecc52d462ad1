using System.Globalization;
using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

internal sealed partial class OutboxStore
{
    /// <summary>Whether no service has used the file yet.</summary>
    public bool IsNew => (long)_connection.Scalar("SELECT NOT EXISTS (SELECT 1 FROM cursors)")! == 1;

    /// <summary>The streams that have lost reports without a notice.</summary>
    public List<string> FindUntold() => Texts("SELECT DISTINCT stream FROM cursors WHERE evicted > told");

    /// <summary>Makes a notice of what a stream has lost since the last one.</summary>
    /// <returns>Null when it has lost nothing.</returns>
    public string? TellEvictions(string stream)
    {
        List<string> lost = [];
        string reason = "";
        using (SqliteCommand command = _connection.Command(
            "SELECT publisher, evicted - told, COALESCE(reason, '') FROM cursors WHERE stream = $stream AND evicted > told ORDER BY publisher", "$stream"))
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
        using SqliteCommand tell = _connection.Command("UPDATE cursors SET told = evicted WHERE stream = $stream AND evicted > told", "$stream");
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
    public List<string> FindNotices() => Texts("SELECT DISTINCT stream FROM notices");

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
