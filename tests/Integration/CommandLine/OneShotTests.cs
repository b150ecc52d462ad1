using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeInference.Integration.Tests.CommandLine;

public sealed partial class OneShotTests
{
    [Fact]
    public async Task Run_Detector_WritesEachFrameAsOneLineOfTheContract()
    {
        JsonElement[] reports = await RunAsync(DemoFiles.ConveyorFrames, "--model", DemoFiles.Detector, "--input", DemoFiles.Conveyor, "--labels", DemoFiles.DetectorLabels);

        int objects = 0;
        foreach (JsonElement report in reports)
        {
            JsonProperty[] found = [.. report.EnumerateObject().SkipLast(3)];
            Assert.Equal(Enumerable.Range(0, found.Length).Select(static i => $"Object{i}"), found.Select(static field => field.Name));
            foreach (JsonProperty field in found)
            {
                Assert.Equal(["label", "class", "confidence", "xmin", "ymin", "xmax", "ymax"], field.Value.EnumerateObject().Select(static f => f.Name));
                Assert.InRange(field.Value.GetProperty("confidence").GetDouble(), 0.5, 1);
                Assert.InRange(field.Value.GetProperty("xmin").GetDouble(), 0, field.Value.GetProperty("xmax").GetDouble());
                Assert.InRange(field.Value.GetProperty("ymax").GetDouble(), field.Value.GetProperty("ymin").GetDouble(), 1);
                objects++;
            }
        }

        Assert.True(objects > reports.Length);
    }

    [Fact]
    public async Task Run_DetectorDeclaredInHalfPrecision_GivesTheSameReports()
    {
        using var folder = new TemporaryFolder();
        string half = DemoFiles.CopyDetectorTo(folder);
        string xml = await File.ReadAllTextAsync(half);
        await File.WriteAllTextAsync(half, xml.Replace("element_type=\"f32\"", "element_type=\"f16\"", StringComparison.Ordinal).Replace("FP32", "FP16", StringComparison.Ordinal));

        Assert.Equal(await ObjectsAsync(DemoFiles.Detector), await ObjectsAsync(half));

        static async Task<IEnumerable<string>> ObjectsAsync(string model) =>
            (await RunAsync(DemoFiles.ConveyorFrames, "--model", model, "--input", DemoFiles.Conveyor)).Select(static report => string.Join(',', report.EnumerateObject().SkipLast(3)));
    }

    [Fact]
    public async Task Run_Classifier_WritesEachFrameAsOneLineOfTheContract()
    {
        JsonElement[] reports = await RunAsync(
            DemoFiles.InspectionFrames, "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--labels", DemoFiles.ClassifierLabels, "--top", "3");

        foreach (JsonElement report in reports)
        {
            JsonProperty candidates = Assert.Single(report.EnumerateObject().SkipLast(3));
            Assert.Equal("Candidates", candidates.Name);
            double[] probabilities = [.. candidates.Value.EnumerateObject().Select(static candidate => candidate.Value.GetDouble())];
            Assert.Equal(3, probabilities.Length);
            Assert.Equal(probabilities.OrderDescending(), probabilities);
        }
    }

    [Fact]
    public async Task Help_OfTheProgram_NamesTheCommands()
    {
        ServiceRun run = await ServiceProcess.RunAsync("--help");

        Assert.Equal(0, run.ExitCode);
        Assert.All(["run", "check", "model"], command => Assert.Contains($"\n  {command} ", run.Output, StringComparison.Ordinal));
        Assert.Empty(run.Log);
    }

    [Fact]
    public async Task Version_OfTheProgram_IsWritten()
    {
        ServiceRun run = await ServiceProcess.RunAsync("--version");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(Version(), run.Output);
    }

    private static async Task<JsonElement[]> RunAsync(int frames, params string[] arguments)
    {
        ServiceRun run = await ServiceProcess.RunAsync(["run", .. arguments, "--interval", "0", "--format", "json"]);

        Assert.True(run.ExitCode == 0, run.Log);
        JsonElement[] reports = [.. run.OutputLines.Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(Enumerable.Range(1, frames), reports.Select(static report => report.GetProperty("frame_id").GetInt32()));
        Assert.All(reports, static report =>
        {
            Assert.Equal(["timestamp", "frame_id", "inference_fps"], report.EnumerateObject().TakeLast(3).Select(static field => field.Name));
            Assert.Matches(Timestamp(), report.GetProperty("timestamp").GetString());
            Assert.True(report.GetProperty("inference_fps").GetDouble() > 0);
        });
        return reports;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"^\d+\.\d+\.\d+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
