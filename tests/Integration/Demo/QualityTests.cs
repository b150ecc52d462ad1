using System.Globalization;
using System.Text.Json;
using EdgeInference.Integration.Tests.Goldens;
using EdgeInference.TestSupport;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Demo;

/// <summary>What the whole service finds in the demo videos, against what is to be seen there (models/README.md).</summary>
public sealed class QualityTests(ITestOutputHelper console)
{
    private const double LeastOverlap = 0.5;

    // As in models/training/metrics.py: parts that are hidden more count neither as found nor as missed.
    private const double LeastVisible = 0.3;

    [Fact]
    public async Task Run_Conveyor_FindsTheParts()
    {
        Dictionary<int, JsonElement> reports = await RunAsync(DemoFiles.Detector, DemoFiles.DetectorLabels, DemoFiles.Conveyor);
        int correct = 0, wrong = 0, parts = 0;
        foreach (JsonElement frame in Truth("conveyor"))
        {
            List<(GoldenObject Part, bool Counts)> missing = [.. frame.GetProperty("objects").EnumerateArray().Select(static part => (
                new GoldenObject(part.GetProperty("label").GetInt32(), 1, [.. part.GetProperty("box").EnumerateArray().Select(static edge => edge.GetDouble())]),
                part.GetProperty("visible").GetDouble() >= LeastVisible))];
            parts += missing.Count(static part => part.Counts);
            foreach (GoldenObject found in ObjectsOf(reports[frame.GetProperty("frame_id").GetInt32()]).OrderByDescending(static found => found.Confidence))
            {
                if (found.BestMatch(missing.Select(static part => part.Part)) is not { } match || match.IntersectionOverUnion(found) < LeastOverlap)
                {
                    wrong++;
                    continue;
                }

                int index = missing.FindIndex(part => part.Part == match);
                correct += missing[index].Counts ? 1 : 0;
                missing.RemoveAt(index);
            }
        }

        double precision = (double)correct / (correct + wrong);
        double recall = (double)correct / parts;
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"conveyor: {parts} parts, precision {precision:0.000}, recall {recall:0.000} at IoU 0.5"));
        Assert.True(precision >= 0.92, $"precision {precision}");
        Assert.True(recall >= 0.98, $"recall {recall}");
    }

    [Fact]
    public async Task Run_Inspection_NamesTheParts()
    {
        Dictionary<int, JsonElement> reports = await RunAsync(DemoFiles.Classifier, DemoFiles.ClassifierLabels, DemoFiles.Inspection);
        (string Wanted, string Got)[] answers =
        [
            .. Truth("inspection").Where(static frame => frame.GetProperty("class").ValueKind != JsonValueKind.Null).Select(frame => (
                frame.GetProperty("class").GetString()!,
                reports[frame.GetProperty("frame_id").GetInt32()].GetProperty("Candidates").EnumerateObject().First().Name)),
        ];

        int right = answers.Count(static answer => answer.Wanted == answer.Got);
        console.WriteLine($"inspection: {right} of {answers.Length} frames right");
        Assert.True(answers.Length >= 30);
        Assert.True(right >= answers.Length - 1, $"{right} of {answers.Length}");
    }

    private static async Task<Dictionary<int, JsonElement>> RunAsync(string model, string labels, string video)
    {
        ServiceRun run = await ServiceProcess.RunAsync(
            "run", "--model", model, "--input", video, "--labels", labels, "--interval", "0", "--decimals", "6", "--format", "json");
        Assert.True(run.ExitCode == 0, run.Log);
        return run.OutputLines.Select(static line => JsonDocument.Parse(line).RootElement).ToDictionary(static report => report.GetProperty("frame_id").GetInt32());
    }

    private static JsonElement.ArrayEnumerator Truth(string video) => JsonDocument
        .Parse(File.ReadAllBytes(TestData.InRepository($"models/demo/{video}.truth.json")))
        .RootElement.GetProperty("frames").EnumerateArray();

    private static IEnumerable<GoldenObject> ObjectsOf(JsonElement report) => report.EnumerateObject()
        .Where(static field => field.Name.StartsWith("Object", StringComparison.Ordinal))
        .Select(static field => new GoldenObject(
            field.Value.GetProperty("label").GetInt32(),
            field.Value.GetProperty("confidence").GetDouble(),
            [.. new[] { "xmin", "ymin", "xmax", "ymax" }.Select(edge => field.Value.GetProperty(edge).GetDouble())]));
}
