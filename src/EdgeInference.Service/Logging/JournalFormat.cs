using System.Globalization;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace EdgeInference.Service.Logging;

/// <summary>What becomes of a log event in the journal: the fields that people can select by.</summary>
internal static class JournalFormat
{
    private const string EventId = "EventId";
    private const string Category = "SourceContext";

    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    /// <summary>The properties of its template are fields: {Stream} is STREAM, {ReportId} is REPORT_ID.</summary>
    public static JournalEntry CreateEntry(LogEvent log)
    {
        var entry = new JournalEntry();
        entry.Add("MESSAGE", MessageOf(log), JournalEntry.LongText);
        entry.Add("PRIORITY", PriorityOf(log.Level).ToString(CultureInfo.InvariantCulture));
        entry.Add("SYSLOG_IDENTIFIER", "edge-inference");
        if (log.Exception is not null)
            entry.Add("EXCEPTION", log.Exception.ToString(), JournalEntry.LongText);
        foreach ((string name, LogEventPropertyValue value) in log.Properties)
        {
            if (name == EventId && value is StructureValue identity)
                AddIdentity(entry, identity);
            else if (name == Category)
                entry.Add("CATEGORY", TextOf(value));
            else if (JournalField.NameOf(name) is { } field)
                entry.Add(field, TextOf(value));
        }

        return entry;
    }

    /// <summary>That of syslog(3).</summary>
    public static int PriorityOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => 2,
        LogEventLevel.Error => 3,
        LogEventLevel.Warning => 4,
        LogEventLevel.Information => 6,
        _ => 7,
    };

    /// <summary>In one line, the exception's own message included.</summary>
    public static string MessageOf(LogEvent log)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(log, writer);
        return log.Exception is { } exception ? $"{writer} ({exception.GetType().Name}: {exception.Message})" : writer.ToString();
    }

    private static void AddIdentity(JournalEntry entry, StructureValue identity)
    {
        foreach (LogEventProperty part in identity.Properties)
        {
            if (part.Name is "Id" or "Name")
                entry.Add(part.Name == "Id" ? "EVENT_ID" : "EVENT_NAME", TextOf(part.Value));
        }
    }

    private static string TextOf(LogEventPropertyValue value) =>
        value is ScalarValue { Value: string text } ? text : value.ToString(format: null, CultureInfo.InvariantCulture);
}
