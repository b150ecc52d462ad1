using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

internal static class SqliteConnectionExtensions
{
    [SuppressMessage("Security", "CA2100", Justification = "Every text is a literal of this project; values are parameters.")]
    public static SqliteCommand Command(this SqliteConnection connection, string text, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        foreach (string parameter in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        return command;
    }

    /// <summary>Gives the parameters their values, in the order in which they were declared.</summary>
    public static SqliteCommand With(this SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    public static void Execute(this SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.Command(text);
        using SqliteDataReader reader = command.ExecuteReader();

        // ExecuteNonQuery swallows what fails behind a statement that could give rows, as ALTER TABLE is one to the library.
        while (reader.NextResult())
        {
        }
    }

    public static object? Scalar(this SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.Command(text);
        return command.ExecuteScalar();
    }
}
