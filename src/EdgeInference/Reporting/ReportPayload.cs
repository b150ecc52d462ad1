using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;

namespace EdgeInference.Reporting;

/// <summary>When and where in the stream a report was made.</summary>
/// <param name="Timestamp">When the frame was captured or the report made; written in UTC.</param>
/// <param name="FrameId">Counts decoded frames from 1.</param>
/// <param name="InferenceFps">Frames since the last report for each second spent inferring.</param>
public readonly record struct ReportStamp(DateTimeOffset Timestamp, long FrameId, double InferenceFps);

/// <summary>What tells one report from all others, for consumers that want it in the payload.</summary>
public sealed record ReportIdentity(string Id, string Stream, string Model);

/// <summary>
/// The JSON of a report, in UTF-8: the fields, order and numbers that consumers of the Python samples know.
/// </summary>
/// <remarks>
/// Numbers read as Python prints them: shortest form, always with a point or an exponent (1.0, 0.1, 1e-05). What JSON
/// cannot hold (NaN, infinities) is written as 0.0, so that every field stays a number. Only what JSON demands and
/// what could not be shown is escaped in strings: letters of any script stay readable, and text that is put into a web
/// page must be escaped there.
/// </remarks>
public static class ReportPayload
{
    /// <summary>Up to as many decimals the rounding of a 32-bit float is exact.</summary>
    public const int MaxDecimals = 12;

    /// <summary>Of a time in UTC.</summary>
    public const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.ffffff";

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="result">A classification or detection result.</param>
    /// <param name="stamp">Timestamp, frame and speed.</param>
    /// <param name="decimals">Decimals of every number except inference_fps, 0 to <see cref="MaxDecimals"/>; rounded half to even.</param>
    /// <param name="identity">Written at the end; null to leave it out.</param>
    public static byte[] Write(InferenceResult result, ReportStamp stamp, int decimals, ReportIdentity? identity = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, MaxDecimals);

        var output = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(output, WriterOptions);
        json.WriteStartObject();
        switch (result)
        {
            case ClassificationResult classification:
                WriteCandidates(json, classification, decimals);
                break;
            case DetectionResult detection:
                WriteObjects(json, detection, decimals);
                break;
            default:
                throw new ArgumentException($"A report cannot be written from a {result.GetType().Name}.", nameof(result));
        }

        json.WriteString("timestamp"u8, stamp.Timestamp.UtcDateTime.ToString(TimestampFormat, CultureInfo.InvariantCulture));
        json.WriteNumber("frame_id"u8, stamp.FrameId);
        WriteNumber(json, "inference_fps", stamp.InferenceFps);
        if (identity is not null)
        {
            json.WriteString("id"u8, identity.Id);
            json.WriteString("stream"u8, identity.Stream);
            json.WriteString("model"u8, identity.Model);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteCandidates(Utf8JsonWriter json, ClassificationResult result, int decimals)
    {
        foreach (CandidateList output in result.Outputs)
        {
            json.WriteStartObject(result.Outputs.Count == 1 ? "Candidates" : $"Candidates_{output.Output}");
            foreach (Candidate candidate in output.Candidates)
                WriteNumber(json, candidate.Label, Rounded(candidate.Probability, decimals));
            json.WriteEndObject();
        }
    }

    private static void WriteObjects(Utf8JsonWriter json, DetectionResult result, int decimals)
    {
        for (int i = 0; i < result.Objects.Count; i++)
        {
            DetectedObject found = result.Objects[i];
            json.WriteStartObject(string.Create(CultureInfo.InvariantCulture, $"Object{i}"));
            json.WriteNumber("label"u8, found.ClassId);
            json.WriteString("class"u8, found.Label);
            WriteNumber(json, "confidence", Rounded(found.Confidence, decimals));
            WriteNumber(json, "xmin", Rounded(found.XMin, decimals));
            WriteNumber(json, "ymin", Rounded(found.YMin, decimals));
            WriteNumber(json, "xmax", Rounded(found.XMax, decimals));
            WriteNumber(json, "ymax", Rounded(found.YMax, decimals));
            json.WriteEndObject();
        }
    }

    /// <summary>
    /// Exact: a double holds the 24 bits of a float times the odd part of 10^12 (28 bits), so that scaling loses
    /// nothing before the value is rounded.
    /// </summary>
    private static double Rounded(float value, int decimals) => Math.Round((double)value, decimals, MidpointRounding.ToEven);

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        string text = (double.IsFinite(value) ? value : 0).ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        json.WritePropertyName(name);
        json.WriteRawValue(text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0", skipInputValidation: true);
    }
}
