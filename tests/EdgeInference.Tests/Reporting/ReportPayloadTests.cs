using System.Text;
using System.Text.Json;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;
using EdgeInference.Reporting;
using FsCheck;
using FsCheck.Xunit;

namespace EdgeInference.Tests.Reporting;

public sealed class ReportPayloadTests
{
    private const string Tail = "\"timestamp\":\"2026-01-31T12:34:56.789012\",\"frame_id\":123,\"inference_fps\":98.7}";

    private static readonly ReportStamp Stamp =
        new(new DateTimeOffset(2026, 1, 31, 14, 34, 56, 789, 12, TimeSpan.FromHours(2)), FrameId: 123, InferenceFps: 98.7);

    [Fact]
    public void Write_Detection_IsTheContract() => Assert.Equal(
        """{"Object0":{"label":1,"class":"person","confidence":0.98,"xmin":0.1,"ymin":0.2,"xmax":0.3,"ymax":1.0},"Object1":{"label":7,"class":"7","confidence":0.5,"xmin":0.0,"ymin":0.25,"xmax":0.33,"ymax":0.5},""" + Tail,
        Text(Detection(new DetectedObject(1, "person", 0.98f, 0.1f, 0.2f, 0.3f, 1), new DetectedObject(7, "7", 0.501f, 0.004f, 0.25f, 0.333f, 0.5f))));

    [Fact]
    public void Write_NoObjects_HasNoObjectKeys() => Assert.Equal("{" + Tail, Text(Detection()));

    [Fact]
    public void Write_Classification_IsTheContract() => Assert.Equal(
        """{"Candidates":{"bolt":0.93,"jack-o'-lantern":0.07},""" + Tail,
        Text(Classification(("prob", [new Candidate(1, "bolt", 0.93f), new Candidate(0, "jack-o'-lantern", 0.07f)]))));

    [Fact]
    public void Write_SeveralOutputs_EachHasItsCandidates() => Assert.Equal(
        """{"Candidates_color":{"white":1.0},"Candidates_type":{},""" + Tail,
        Text(Classification(("color", [new Candidate(0, "white", 1)]), ("type", []))));

    [Fact]
    public void Write_Identity_IsAtTheEnd() => Assert.Equal(
        "{" + Tail[..^1] + ",\"id\":\"01J\",\"stream\":\"Zufahrt Süd\",\"model\":\"ssd\"}",
        Text(Detection(), identity: new ReportIdentity("01J", "Zufahrt Süd", "ssd")));

    [Theory]
    [InlineData(0.125f, 2, "0.12")]
    [InlineData(0.375f, 2, "0.38")]
    [InlineData(0.625f, 2, "0.62")]
    [InlineData(0.285f, 2, "0.28")] // 0.284999996 as a float
    [InlineData(2.675f, 2, "2.67")]
    [InlineData(0.995f, 2, "1.0")]
    [InlineData(0.004f, 2, "0.0")]
    [InlineData(0.000012f, 6, "1.2e-05")]
    [InlineData(0.00001f, 6, "1e-05")]
    [InlineData(0.123456789f, 6, "0.123457")]
    [InlineData(0.7f, 0, "1.0")]
    [InlineData(12f, 2, "12.0")]
    [InlineData(float.NaN, 2, "0.0")]
    [InlineData(float.PositiveInfinity, 2, "0.0")]
    public void Write_Number_IsRoundedHalfToEvenAsPythonPrintsIt(float value, int decimals, string expected) => Assert.Contains(
        $$"""{"x":{{expected}}}""", Text(Classification(("prob", [new Candidate(0, "x", value)])), decimals), StringComparison.Ordinal);

    [Theory]
    [InlineData(29.0, "29.0")]
    [InlineData(98.76543210123, "98.76543210123")]
    [InlineData(0.0, "0.0")]
    [InlineData(double.NaN, "0.0")]
    public void Write_InferenceFps_IsNotRounded(double fps, string expected) => Assert.EndsWith(
        $"\"inference_fps\":{expected}}}", Encoding.UTF8.GetString(ReportPayload.Write(Detection(), Stamp with { InferenceFps = fps }, 2)), StringComparison.Ordinal);

    [Fact]
    public void Write_WholeSecond_StillHasMicroseconds() => Assert.Contains(
        "\"2026-01-31T00:00:00.000000\"",
        Encoding.UTF8.GetString(ReportPayload.Write(Detection(), Stamp with { Timestamp = new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.Zero) }, 2)),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(-1)]
    [InlineData(13)]
    public void Write_DecimalsOutOfRange_AreRefused(int decimals) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ReportPayload.Write(Detection(), Stamp, decimals));

    [Property]
    public bool Write_AnyLabels_ReadBackAsTheyWere(string?[] texts)
    {
        string[] labels = [.. texts.Select(static text => text ?? string.Empty).Distinct(StringComparer.Ordinal)];
        byte[] detection = ReportPayload.Write(Detection([.. labels.Select(static (label, i) => new DetectedObject(i, label, 1, 0, 0, 1, 1))]), Stamp, 2);
        byte[] classification = ReportPayload.Write(Classification(("prob", [.. labels.Select(static (label, i) => new Candidate(i, label, 1))])), Stamp, 2);

        using JsonDocument objects = JsonDocument.Parse(detection), candidates = JsonDocument.Parse(classification);
        return labels.Select(Readable).SequenceEqual(
                labels.Select((_, i) => objects.RootElement.GetProperty($"Object{i}").GetProperty("class").GetString()), StringComparer.Ordinal)
            && labels.Select(Readable).SequenceEqual(
                candidates.RootElement.GetProperty("Candidates").EnumerateObject().Select(static p => p.Name), StringComparer.Ordinal);
    }

    [Fact]
    public void Write_HalfASurrogatePair_IsReplaced()
    {
        using JsonDocument json = JsonDocument.Parse(ReportPayload.Write(Detection(new DetectedObject(0, "a\ud800b", 1, 0, 0, 1, 1)), Stamp, 2));

        Assert.Equal("a\uFFFDb", json.RootElement.GetProperty("Object0").GetProperty("class").GetString());
    }

    [Property]
    public bool Write_AnyNumber_IsWithinHalfAStep(float value)
    {
        using JsonDocument json = JsonDocument.Parse(ReportPayload.Write(Classification(("prob", [new Candidate(0, "x", value)])), Stamp, 2));
        double written = json.RootElement.GetProperty("Candidates").GetProperty("x").GetDouble();
        return float.IsFinite(value) ? Math.Abs(written - value) <= 0.005 + (Math.Abs(value) * 1e-15) : written == 0;
    }

    /// <summary>What UTF-8 can hold of a text: halves of surrogate pairs become U+FFFD.</summary>
    private static string Readable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Text(InferenceResult result, int decimals = 2, ReportIdentity? identity = null) =>
        Encoding.UTF8.GetString(ReportPayload.Write(result, Stamp, decimals, identity));

    private static DetectionResult Detection(params DetectedObject[] objects)
    {
        var result = new DetectionResult();
        result.Objects.AddRange(objects);
        return result;
    }

    private static ClassificationResult Classification(params (string Output, Candidate[] Candidates)[] outputs)
    {
        var result = new ClassificationResult([.. outputs.Select(static output => new CandidateList(output.Output))]);
        for (int i = 0; i < outputs.Length; i++)
            result.Outputs[i].Candidates.AddRange(outputs[i].Candidates);
        return result;
    }
}
