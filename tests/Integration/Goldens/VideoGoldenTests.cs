using System.Globalization;
using System.Text.Json;
using EdgeInference.Integration.Tests.Endurance;
using EdgeInference.Models;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Goldens;

/// <summary>
/// Real models on real videos through the whole service, against what the real engines found (golden/videos.json). The first
/// part of each video, or with EDGEINFERENCE_SOAK_FRAMES all of it.
/// </summary>
[Trait("Category", "Soak")]
public sealed class VideoGoldenTests : IDisposable
{
    private const double Reported = 0.5;

    // The last pictures of a copy that was cut may lack those that they are made from.
    private const int Reordered = 10;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, ModelEngine> Models => GoldenEngines.With(GoldenModels.All);

    public void Dispose() => _folder.Dispose();

    [DataTheory]
    [MemberData(nameof(Models))]
    public async Task Run_RecordedVideo_ReportsWhatWasRecorded(string model, ModelEngine engine)
    {
        GoldenTolerance tolerance = GoldenTolerance.For(model);
        using JsonDocument goldens = JsonDocument.Parse(await File.ReadAllBytesAsync(TestData.Path("golden/videos.json")));
        int compared = 0;
        foreach (JsonElement golden in goldens.RootElement.EnumerateArray().Where(golden => golden.GetProperty("model").GetString() == model))
        {
            JsonElement[] recorded = [.. golden.GetProperty("frames").EnumerateArray()];
            string video = TestData.Path(golden.GetProperty("video").GetString()!);
            if (!SoakFrames.IsSoak)
            {
                recorded = recorded[..(recorded.Length / 3)];
                video = await CutAsync(video, recorded[^1].GetProperty("frame_id").GetInt32() + Reordered);
            }

            ServiceRun run = await ServiceProcess.RunAsync(
                new Dictionary<string, string> { ["EDGEINFERENCE_OPENVINO"] = GoldenEngines.OpenVino ?? "/no-openvino" },
                ["run", "--engine", engine.ToString(), "--model", TestData.Path(model), "--input", video, "--interval", "0", "--threshold", "0.3", "--decimals", "6", "--format", "json"]);

            Assert.True(run.ExitCode == 0, run.Log);
            Dictionary<int, JsonElement> reports = run.OutputLines
                .Select(static line => JsonDocument.Parse(line).RootElement)
                .ToDictionary(static report => report.GetProperty("frame_id").GetInt32());
            Assert.Equal(Enumerable.Range(1, reports.Count), reports.Keys);
            foreach (JsonElement frame in recorded)
            {
                JsonElement report = reports[frame.GetProperty("frame_id").GetInt32()];
                if (frame.TryGetProperty("objects", out JsonElement objects))
                    AssertObjects(frame, objects, report, tolerance);
                else
                    AssertClasses(frame, frame.GetProperty("top"), report, tolerance.VideoScore);
                compared++;
            }
        }

        Assert.True(compared > 0, "Nothing was compared.");
    }

    private async Task<string> CutAsync(string video, int frames)
    {
        string cut = _folder.File(Path.GetFileName(video));
        await FfmpegTool.MakeAsync("-i", video, "-map", "0:v:0", "-c", "copy", "-frames:v", frames.ToString(CultureInfo.InvariantCulture), cut);
        return cut;
    }

    private static void AssertObjects(JsonElement frame, JsonElement recorded, JsonElement report, GoldenTolerance tolerance)
    {
        List<GoldenObject> wanted =
        [
            .. recorded.EnumerateArray().Select(static o => new GoldenObject(
                o.GetProperty("label").GetInt32(),
                o.GetProperty("confidence").GetDouble(),
                [.. o.GetProperty("box").EnumerateArray().Select(static edge => edge.GetDouble())])),
        ];
        List<GoldenObject> got =
        [
            .. report.EnumerateObject().Where(static field => field.Name.StartsWith("Object", StringComparison.Ordinal)).Select(static field => new GoldenObject(
                field.Value.GetProperty("label").GetInt32(),
                field.Value.GetProperty("confidence").GetDouble(),
                [.. new[] { "xmin", "ymin", "xmax", "ymax" }.Select(edge => field.Value.GetProperty(edge).GetDouble())])),
        ];
        foreach (GoldenObject expected in wanted.Where(o => o.Confidence > Reported + tolerance.VideoScore))
        {
            GoldenObject? match = expected.BestMatch(got);
            Assert.True(match is not null && match.IntersectionOverUnion(expected) >= tolerance.VideoOverlap, $"{frame}: {expected} is missing");
            Assert.True(Math.Abs(match.Confidence - expected.Confidence) <= tolerance.VideoScore, $"{frame}: {match.Confidence}");
        }

        foreach (GoldenObject found in got.Where(o => o.Confidence > Reported + tolerance.VideoScore + 0.02))
            Assert.True(found.BestMatch(wanted) is { } match && match.IntersectionOverUnion(found) >= tolerance.VideoOverlap, $"{frame}: {found} is extra");
    }

    private static void AssertClasses(JsonElement frame, JsonElement recorded, JsonElement report, double tolerance)
    {
        (string Class, double Probability)[] wanted =
        [
            .. recorded.EnumerateArray().Select(static pair => (pair[0].GetInt32().ToString(CultureInfo.InvariantCulture), pair[1].GetDouble())),
        ];
        Dictionary<string, double> got = report.GetProperty("Candidates").EnumerateObject()
            .ToDictionary(static candidate => candidate.Name, static candidate => candidate.Value.GetDouble());
        if (wanted[0].Probability - wanted[1].Probability > 0.05)
            Assert.Equal(wanted[0].Class, got.First().Key);
        double least = got.Values.Min();
        foreach ((string name, double probability) in wanted)
        {
            // A class that is not among the best ten is at most as probable as the last of them.
            double found = got.GetValueOrDefault(name, least);
            Assert.True(
                got.ContainsKey(name) ? Math.Abs(found - probability) <= tolerance : probability <= least + tolerance,
                $"{frame}: class {name} has {found}");
        }
    }
}
