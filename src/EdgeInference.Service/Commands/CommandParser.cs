using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using EdgeInference.Commands;
using EdgeInference.Reporting;
using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Commands;

/// <summary>
/// Reads a command: one JSON object, and nothing that is not known. What comes in is from outside and may be anything at all; whatever it
/// is, the outcome is a command or one sentence that says what is wrong.
/// </summary>
internal static class CommandParser
{
    public const int MaxIdLength = 128;

    private const string CommandKey = "command";
    private const string StreamKey = "stream";
    private const string IdKey = "id";
    private const string IntervalKey = "interval";

    private const string AllowedInterval = "seconds (5 or 0.5), or a text as in the configuration (\"00:00:05\", \"500ms\"), from 0 to 1 day";

    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = 16 };

    /// <summary>What an interval may be is said once, where it is configured.</summary>
    private static readonly RangeAttribute Range =
        typeof(ReportingOptions).GetProperty(nameof(ReportingOptions.ReportingInterval))!.GetCustomAttribute<RangeAttribute>()!;

    public static CommandMessage Parse(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length == 0)
            return CommandMessage.Wrong("the message is empty; a command is a JSON object");
        if (payload.Length > ICommandTransport.MaxCommandBytes)
            return CommandMessage.Wrong($"the message is longer than {ICommandTransport.MaxCommandBytes} bytes");
        if (FindInvalidUtf8(payload.Span) is { } position)
            return CommandMessage.Wrong($"the message is not UTF-8: byte {position} does not belong there");
        try
        {
            using var document = JsonDocument.Parse(payload, JsonOptions);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : CommandMessage.Wrong($"the message is JSON, but not an object: {{\"{CommandKey}\":\"{ReportCommand.CommandName}\"}} is a command");
        }
        catch (JsonException exception)
        {
            return CommandMessage.Wrong(string.Create(CultureInfo.InvariantCulture, $"the message is not valid JSON, or nested deeper than {JsonOptions.MaxDepth}: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}"));
        }
        catch (InvalidOperationException)
        {
            // A name or text with half of a surrogate pair, such as "\ud800".
            return CommandMessage.Wrong("the message holds an escaped character that does not exist");
        }
    }

    private static CommandMessage Read(JsonElement message)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        string? duplicate = null;
        foreach (JsonProperty property in message.EnumerateObject())
        {
            if (!values.TryAdd(property.Name, property.Value))
                duplicate ??= property.Name;
        }

        // These first, so that an answer about anything else says what it answers.
        string? id = TextOf(IdKey) is { Length: <= MaxIdLength } text ? text : null;
        string? name = TextOf(CommandKey);
        string[]? keys = name switch
        {
            ReportCommand.CommandName => [CommandKey, StreamKey, IdKey],
            SetIntervalCommand.CommandName => [CommandKey, StreamKey, IdKey, IntervalKey],
            _ => null,
        };
        if (duplicate is not null)
            return Wrong($"{QuotedText.Of(duplicate)} is there twice");
        if (keys is null)
            return Wrong(FaultOfName());
        foreach (string key in values.Keys)
        {
            if (!keys.Contains(key))
                return Wrong($"{QuotedText.Of(key)} is unknown; known for {name}: {string.Join(", ", keys)}");
        }

        if (values.ContainsKey(IdKey) && id is null)
            return Wrong($"'{IdKey}' must be a text of {MaxIdLength} characters at most");
        string? stream = TextOf(StreamKey);
        if (values.ContainsKey(StreamKey) && stream is null)
            return Wrong($"'{StreamKey}' must be a text, the name of a stream; without it the command is for all streams");
        if (name == ReportCommand.CommandName)
            return CommandMessage.Of(new ReportCommand(id, stream));
        if (!values.TryGetValue(IntervalKey, out JsonElement interval))
            return Wrong($"'{IntervalKey}' is missing: {AllowedInterval}");
        return ReadInterval(interval) is { } read
            ? CommandMessage.Of(new SetIntervalCommand(id, stream, read))
            : Wrong($"'{IntervalKey}' must be {AllowedInterval}");

        string? TextOf(string key) => values.TryGetValue(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        CommandMessage Wrong(string fault) => CommandMessage.Wrong(fault, id, keys is null ? null : name);

        string FaultOfName()
        {
            const string Known = $"known: {ReportCommand.CommandName}, {SetIntervalCommand.CommandName}";
            if (name is not null)
                return $"the command {QuotedText.Of(name)} is unknown; {Known}";
            return values.ContainsKey(CommandKey) ? $"'{CommandKey}' must be a text; {Known}" : $"'{CommandKey}' is missing; {Known}";
        }
    }

    private static TimeSpan? ReadInterval(JsonElement value)
    {
        object? interval = value.ValueKind switch
        {
            // Also what no double holds: 1e999.
            JsonValueKind.Number when value.TryGetDouble(out double seconds) && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds / 2 => TimeSpan.FromSeconds(seconds),
            JsonValueKind.String when OptionValue.TryRead(value.GetString()!, typeof(TimeSpan), out object? read, out _) => read,
            _ => null,
        };
        return interval is TimeSpan span && Range.IsValid(span) ? span : null;
    }

    /// <summary>The first byte, counted from 1, of what is not UTF-8.</summary>
    private static int? FindInvalidUtf8(ReadOnlySpan<byte> bytes)
    {
        for (int position = 0; position < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[position..], out _, out int length) != System.Buffers.OperationStatus.Done)
                return position + 1;
            position += length;
        }

        return null;
    }
}
