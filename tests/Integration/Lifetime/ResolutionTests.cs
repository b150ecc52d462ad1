using System.Text.Json;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>
/// The picture size changes in mid-stream, within one connection. ffmpeg then scales what comes to the size that it began
/// with: the detector, which sees each frame stretched to its own size anyway, finds the same objects at the same places.
/// </summary>
public sealed class ResolutionTests : IDisposable
{
    private const int Frames = 50;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("480:360")]
    [InlineData("1280:720")]
    public async Task Run_SizeChanges_FindsTheSameObjectsAtTheSamePlaces(string size)
    {
        string video = _folder.File("video.ts");
        await WriteAsync(video, "640:360", size);

        ServiceRun run = await ServiceProcess.RunAsync(
            "run", "--model", DemoFiles.Detector, "--labels", DemoFiles.DetectorLabels, "--input", video,
            "--interval", "0", "--decimals", "6", "--threshold", "0.5", "--format", "json");

        Assert.True(run.ExitCode == 0, run.Log);
        List<JsonElement>[] found = [.. run.OutputLines.Select(static line => Objects(JsonDocument.Parse(line).RootElement))];
        Assert.InRange(found.Length, (2 * Frames) - 2, 2 * Frames);
        int objects = 0;
        int same = 0;
        for (int i = 0; i < Frames - 2; i++)
        {
            objects += found[i].Count;
            same += found[i].Count(expected => found[^(Frames - i)].Exists(other => IsSame(expected, other)));
        }

        Assert.True(objects > Frames && same >= 0.95 * objects, $"{same} of {objects} objects are found again.");
    }

    private async Task WriteAsync(string path, params string[] sizes)
    {
        await using FileStream all = File.Create(path);
        foreach (string size in sizes)
        {
            string part = _folder.File("part.ts");
            await FfmpegTool.MakeAsync(
                "-i", DemoFiles.Conveyor, "-frames:v", $"{Frames}", "-vf", $"scale={size}:flags=bilinear", "-c:v", "libx264", "-preset", "ultrafast",
                "-crf", "12", "-bf", "0", "-f", "mpegts", part);
            await all.WriteAsync(await File.ReadAllBytesAsync(part));
        }
    }

    private static List<JsonElement> Objects(JsonElement report) =>
        [.. report.EnumerateObject().Select(static field => field.Value).Where(static value => value.ValueKind == JsonValueKind.Object)];

    /// <summary>The same class, and boxes that share four fifths of what they cover together.</summary>
    private static bool IsSame(JsonElement a, JsonElement b)
    {
        double width = Math.Min(Of(a, "xmax"), Of(b, "xmax")) - Math.Max(Of(a, "xmin"), Of(b, "xmin"));
        double height = Math.Min(Of(a, "ymax"), Of(b, "ymax")) - Math.Max(Of(a, "ymin"), Of(b, "ymin"));
        double shared = Math.Max(0, width) * Math.Max(0, height);
        return a.GetProperty("label").GetInt32() == b.GetProperty("label").GetInt32() && shared >= 0.8 * (Area(a) + Area(b) - shared);
    }

    private static double Area(JsonElement box) => (Of(box, "xmax") - Of(box, "xmin")) * (Of(box, "ymax") - Of(box, "ymin"));

    private static double Of(JsonElement box, string side) => box.GetProperty(side).GetDouble();
}
