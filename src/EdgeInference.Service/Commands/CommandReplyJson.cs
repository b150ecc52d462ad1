using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeInference.Reporting;

namespace EdgeInference.Service.Commands;

/// <summary>
/// The JSON of an answer, in UTF-8. It is never longer than what every transport takes: where the streams do not fit, those that
/// failed come first, then as many others as fit, and left_out counts the rest.
/// </summary>
internal static class CommandReplyJson
{
    /// <summary>A nucleus Lite takes about 7,300 with everything around it.</summary>
    public const int MaxBytes = 7000;

    // ,"left_out":4294967295]}
    private const int RoomForEnd = 32;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(CommandReply reply)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, WriterOptions);
        json.WriteStartObject();
        json.WriteString("id"u8, reply.Id);
        json.WriteString("command"u8, reply.Command);
        json.WriteBoolean("ok"u8, reply.IsOk);
        if (reply.Fault is not null)
            json.WriteString("error"u8, reply.Fault);
        else
            WriteStreams(json, reply.Streams);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteStreams(Utf8JsonWriter json, IReadOnlyList<StreamReply> streams)
    {
        List<(bool IsOk, byte[] Json)> entries = [.. streams.Select(static stream => (stream.Fault is null, Entry(stream)))];
        json.WriteStartArray("streams"u8);
        json.Flush();
        int room = MaxBytes - RoomForEnd - (int)json.BytesCommitted;
        if (entries.Sum(static entry => entry.Json.Length + 1) > room)
            entries = [.. entries.OrderBy(static entry => entry.IsOk)];
        int written = 0;
        foreach ((_, byte[] entry) in entries)
        {
            room -= entry.Length + 1;
            if (room < 0)
                break;
            json.WriteRawValue(entry, skipInputValidation: true);
            written++;
        }

        json.WriteEndArray();
        if (written < entries.Count)
            json.WriteNumber("left_out"u8, entries.Count - written);
    }

    private static byte[] Entry(StreamReply stream)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(output, WriterOptions);
        json.WriteStartObject();
        json.WriteString("stream"u8, stream.Stream);
        json.WriteBoolean("ok"u8, stream.Fault is null);
        if (stream.Fault is not null)
            json.WriteString("error"u8, stream.Fault);
        if (stream.Interval is { } interval)
            json.WriteNumber("interval"u8, interval.TotalSeconds);
        if (stream.Report is { } report)
        {
            json.WriteString("report_id"u8, report.Id);
            json.WriteString("timestamp"u8, report.Timestamp.UtcDateTime.ToString(ReportPayload.TimestampFormat, CultureInfo.InvariantCulture));
            json.WriteNumber("frame_id"u8, report.FrameId);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }
}
