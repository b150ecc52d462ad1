using EdgeInference.Integration.Tests.Publishing;
using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>A real RTSP server, over TCP and with a login, that restarts, falls silent, and comes back as another.</summary>
public sealed class RtspTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>It comes back with another picture size, as a camera does that was set anew.</summary>
    [Fact]
    public async Task Run_CameraRestarts_SaysEachOnceAndCountsOn()
    {
        string large = await MakeVideoAsync("large.mp4");
        string small = await MakeVideoAsync("small.mp4", "-vf", "scale=320:240");
        await using RtspCamera camera = await RtspCamera.RunAsync(large, needsLogin: true);
        await using RunningService service = await StartAsync(camera);
        long before = (await Reports.ReadFramesAsync(service, 3))[^1];
        string visible = await ReadProcessAsync(service.FindFfmpeg());

        await camera.CutOffAsync();
        string lost = await service.WaitForLogAsync("line1: lost: ");
        await camera.SwitchOnAsync(small);
        string back = await service.WaitForLogAsync("/live is back after ");
        long[] after = await Reports.ReadFramesAfterAsync(service, before, 3);
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Contains($"rtsp://***@127.0.0.1:{camera.Port}/live", lost, StringComparison.Ordinal);
        Assert.Matches(@" INF line1: rtsp://\*\*\*@127\.0\.0\.1:\d+/live is back after \d+(\.\d)? s, at attempt \d+$", back);
        Assert.Equal(lost, string.Join('\n', service.LogLines.Where(IsProblem)));
        Assert.Single(service.LogLines, static line => line.Contains(" is back after ", StringComparison.Ordinal));
        Assert.Contains("pictures of 640x360", service.Log, StringComparison.Ordinal);
        Assert.Contains("pictures of 320x240", service.Log, StringComparison.Ordinal);
        Assert.Equal(after.Order().Distinct(), after);
        Assert.True(after[0] > before);
        Assert.Contains("ffmpeg", visible, StringComparison.Ordinal);
        Assert.DoesNotContain(RtspCamera.Password, visible + service.Log, StringComparison.Ordinal);
    }

    /// <summary>The server holds its connections and answers nobody: a camera that hangs.</summary>
    [Fact]
    public async Task Run_CameraFallsSilent_IsLostAfterStallTimeoutAndComesBack()
    {
        await using RtspCamera camera = await RtspCamera.RunAsync(await MakeVideoAsync("live.mp4"));
        await using RunningService service = await StartAsync(camera);
        long before = (await Reports.ReadFramesAsync(service, 3))[^1];

        RunningService.Send(camera.ProcessId, RunningService.Halt);
        string lost = await service.WaitForLogAsync("line1: lost: ");
        RunningService.Send(camera.ProcessId, RunningService.Continue);
        await service.WaitForLogAsync("/live is back after ");
        long[] after = await Reports.ReadFramesAfterAsync(service, before, 3);
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Contains("/live: no picture for 3 s (StallTimeout); connecting again", lost, StringComparison.Ordinal);
        Assert.Equal(lost, string.Join('\n', service.LogLines.Where(IsProblem)));
        Assert.Equal(after.Order().Distinct(), after);
    }

    [Fact]
    public async Task Run_WrongPassword_SaysSoWithoutIt()
    {
        await using RtspCamera camera = await RtspCamera.RunAsync(DemoFiles.Inspection, needsLogin: true);
        await using RunningService service = RunningService.Start(
            "run", "--model", DemoFiles.Classifier, "--input", camera.Url.Replace(RtspCamera.Password, "sawfish", StringComparison.Ordinal));

        string lost = await service.WaitForLogAsync(" lost: ");
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Contains("the server refuses the user name or password (401)", lost, StringComparison.Ordinal);
        Assert.DoesNotContain("sawfish", service.Log, StringComparison.Ordinal);
    }

    private async Task<RunningService> StartAsync(RtspCamera camera) => RunningService.Start("run", "--config", await Settings.WriteAsync(_folder, new
    {
        Streams = new[]
        {
            new
            {
                Name = "line1",
                Source = new { Input = camera.Url, StallTimeout = "3s" },
                Model = new { Path = DemoFiles.Classifier },
                ReportingInterval = "100ms",
                Publishers = new { StandardOutput = new { Enabled = true }, Log = new { Enabled = false } },
            },
        },
    }));

    /// <summary>A minute of video, so that no end of it is taken for a loss.</summary>
    private async Task<string> MakeVideoAsync(string name, params string[] filter)
    {
        string path = _folder.File(name);
        string[] encoding = filter.Length > 0 ? [.. filter, "-c:v", "libx264", "-preset", "ultrafast"] : ["-c", "copy"];
        await FfmpegTool.MakeAsync(["-stream_loop", "5", "-i", DemoFiles.Inspection, .. encoding, path]);
        return path;
    }

    private static async Task<string> ReadProcessAsync(int processId) =>
        await File.ReadAllTextAsync($"/proc/{processId}/cmdline") + await File.ReadAllTextAsync($"/proc/{processId}/environ");

    private static bool IsProblem(string line) => !line.Contains(" INF ", StringComparison.Ordinal);
}
