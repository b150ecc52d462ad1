using System.Globalization;

namespace EdgeInference.Integration.Tests.Demo;

/// <summary>What ./dev demo shows.</summary>
public sealed class DemoRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_DemoConfiguration_ReportsWritesPicturesAndSumsUp()
    {
        ServiceRun run = await ServiceProcess.RunAsync(
            new Dictionary<string, string>
            {
                ["EdgeInference__Outbox__Directory"] = _folder.File("outbox"),
                ["EdgeInference__Streams__0__Publishers__LocalJpeg__Directory"] = _folder.Path,
                ["EdgeInference__Streams__1__Publishers__LocalJpeg__Directory"] = _folder.Path,
            },
            "run",
            "--config",
            "models/demo/appsettings.json");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.All(run.LogLines, static line => Assert.Contains(" INF ", line, StringComparison.Ordinal));
        AssertStream(run, "conveyor", DemoFiles.ConveyorFrames);
        AssertStream(run, "inspection", DemoFiles.InspectionFrames);
        string[] pictures = Directory.GetFiles(_folder.Path, "*.jpg", SearchOption.AllDirectories);
        foreach (string stream in (string[])["conveyor", "inspection"])
            Assert.Equal("mjpeg,640,360", await FfmpegTool.DescribeAsync(pictures.First(picture => picture.Contains($"/{stream}/", StringComparison.Ordinal))));
    }

    private void AssertStream(ServiceRun run, string stream, int frames)
    {
        int reports = run.LogLines.Count(line => line.Contains($"{stream}: frame ", StringComparison.Ordinal));
        int pictures = Directory.GetFiles(Path.Combine(_folder.Path, stream), "*.jpg", SearchOption.AllDirectories).Length;
        Assert.True(reports > 1, run.Log);
        Assert.Equal(reports, pictures);
        Assert.Contains($"{stream}: {frames} frames, {frames} inferred, 0 dropped, 0 corrupt", run.Log, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{stream}: LocalJpeg: {pictures} delivered to {_folder.Path}, 0 not yet; 0 set aside, 0 evicted"), run.Log, StringComparison.Ordinal);
    }
}
