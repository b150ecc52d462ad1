using System.Text.Json;

namespace EdgeInference.Integration.Tests.BadInput;

public sealed class VideoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_VideoIsMissing_SaysSo() =>
        Problem.AssertOneLine(await RunAsync(_folder.File("missing.mp4")), 78, "missing.mp4", "does not exist");

    [Fact]
    public async Task Run_VideoIsEmpty_SaysSo()
    {
        string video = _folder.File("empty.mp4");
        await File.WriteAllBytesAsync(video, []);

        Problem.AssertOneLine(await RunAsync(video), 78, "empty.mp4", "is empty");
    }

    [Fact]
    public async Task Run_TextNamedVideo_SaysSo()
    {
        string video = _folder.File("letter.mp4");
        await File.WriteAllTextAsync(video, "Dear reader, this is no video.\n");

        Problem.AssertOneLine(await RunAsync(video), 78, "letter.mp4", "not a video");
    }

    [Fact]
    public async Task Run_VideoCutOffBeforeItsIndex_SaysSo()
    {
        string whole = _folder.File("whole.mp4");
        await FfmpegTool.MakeAsync("-i", DemoFiles.Conveyor, "-t", "4", "-c", "copy", whole);
        string video = await CutAsync(whole, "cut.mp4");

        Problem.AssertOneLine(await RunAsync(video), 78, "cut.mp4", "truncated", "moov");
    }

    [Theory]
    [InlineData("mkv", "copy")]
    [InlineData("webm", "libvpx")]
    public async Task Run_VideoCutOffInTheMiddle_ReportsTheFramesUpToThere(string container, string codec)
    {
        string whole = _folder.File("whole." + container);
        await FfmpegTool.MakeAsync("-i", DemoFiles.Inspection, "-t", "4", "-c:v", codec, whole);
        string video = await CutAsync(whole, "cut." + container);

        ServiceRun run = await RunAsync(video);

        Assert.Equal(0, run.ExitCode);
        string warning = Assert.Single(Problem.LinesOf(run));
        Assert.Contains("cut." + container, warning, StringComparison.Ordinal);
        Assert.Contains("truncated", warning, StringComparison.Ordinal);
        Problem.AssertCalm(run);
        int[] frames = [.. run.OutputLines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("frame_id").GetInt32())];
        Assert.InRange(frames.Length, 10, 90);
        Assert.Equal(Enumerable.Range(1, frames.Length), frames);
    }

    private async Task<string> CutAsync(string whole, string name)
    {
        byte[] bytes = await File.ReadAllBytesAsync(whole);
        await File.WriteAllBytesAsync(_folder.File(name), bytes[..(bytes.Length / 2)]);
        return _folder.File(name);
    }

    private static Task<ServiceRun> RunAsync(string video) =>
        ServiceProcess.RunAsync("run", "--model", DemoFiles.Classifier, "--input", video, "--interval", "0", "--format", "json");
}
