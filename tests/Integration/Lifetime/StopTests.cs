using System.Text.RegularExpressions;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>How the service ends when it is told to, and when something is taken away from it.</summary>
public sealed partial class StopTests
{
    private static readonly string[] EveryFrame =
        ["run", "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--loop", "true", "--interval", "0", "--format", "json"];

    [Theory]
    [InlineData(RunningService.Terminate)]
    [InlineData(RunningService.Interrupt)]
    public async Task Run_AskedToStop_MakesTheLastReportAndIsDone(int signal)
    {
        await using RunningService service = RunningService.Start(
            "run", "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--loop", "true", "--interval", "500ms");
        await service.WaitForLogAsync(": frame ");
        int ffmpeg = service.FindFfmpeg();

        service.Send(signal);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.False(RunningService.Exists(ffmpeg), "ffmpeg still runs.");
        string lastFrame = FrameOfReport().Matches(service.Log)[^1].Groups["frame"].Value;
        Assert.Contains($"stream1: {lastFrame} frames, {lastFrame} inferred, 0 dropped, 0 corrupt", service.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("End of the input", service.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(" ERR ", service.Log, StringComparison.Ordinal);
    }

    /// <summary>A terminal sends its interrupt to all its processes.</summary>
    [Fact]
    public async Task Run_InterruptedTogetherWithFfmpeg_IsDone()
    {
        await using RunningService service = RunningService.Start(EveryFrame);
        await service.WaitForLogAsync("pictures of");
        int ffmpeg = service.FindFfmpeg();

        service.Send(RunningService.Interrupt);
        RunningService.Send(ffmpeg, RunningService.Interrupt);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.DoesNotContain(" ERR ", service.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunningService.Kill, "ffmpeg was ended by signal 9")]
    [InlineData(RunningService.Terminate, "ffmpeg was asked to end, but not by this service")]
    public async Task Run_FfmpegOfAFileIsEnded_FailsAndSaysWhy(int signal, string reason)
    {
        await using RunningService service = RunningService.Start(EveryFrame);
        await service.ReadOutputAsync();

        RunningService.Send(service.FindFfmpeg(), signal);

        Assert.Equal(1, await service.WaitForExitAsync());
        string error = Assert.Single(service.Log.Split('\n'), static line => !line.Contains(" INF ", StringComparison.Ordinal));
        Assert.Contains("inspection.mp4: " + reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ReaderOfReportsGoesAway_GoesOnAndCountsThemAsLost()
    {
        await using RunningService service = RunningService.StartUnread(EveryFrame);
        await service.WaitForLogAsync("pictures of");

        service.CloseOutput();
        await service.WaitForLogAsync("StandardOutput cannot publish: Broken pipe");
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.DoesNotContain(", 0 lost", service.Log, StringComparison.Ordinal);
    }

    /// <summary>The pipe fills up, and the write into it is one that nothing ends.</summary>
    [Fact]
    public async Task Run_NobodyReadsTheReports_IsStillStoppedWithinItsDeadlines()
    {
        await using RunningService service = RunningService.StartUnread(EveryFrame);
        await service.WaitForLogAsync("pictures of");
        await WaitUntilStuckAsync(service);

        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Contains("publishers did not finish", service.Log, StringComparison.Ordinal);
    }

    /// <summary>Until ffmpeg, which waits for the service, has used no processor time for half a second.</summary>
    private static async Task WaitUntilStuckAsync(RunningService service)
    {
        string stat = $"/proc/{service.FindFfmpeg()}/stat";
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        string[] before = [];
        while (true)
        {
            string[] now = (await File.ReadAllTextAsync(stat, hang.Token)).Split(' ')[13..15];
            if (now.SequenceEqual(before))
                return;
            before = now;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, hang.Token);
        }
    }

    [GeneratedRegex(": frame (?<frame>[0-9]+):", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FrameOfReport();
}
