namespace EdgeInference.Integration.Tests.Lifetime;

public sealed class LiveSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_NetworkCameraIsLostAndComesBack_SaysEachOnceAndHidesThePassword()
    {
        string content = _folder.File("live.ts");
        await FfmpegTool.MakeAsync("-i", DemoFiles.Inspection, "-t", "4", "-c", "copy", "-f", "mpegts", content);
        await using var camera = new TransportStreamServer(
            await File.ReadAllBytesAsync(content),
            TransportStreamServer.Answer.ContentThenClose,
            TransportStreamServer.Answer.NotFound,
            TransportStreamServer.Answer.NotFound,
            TransportStreamServer.Answer.ContentThenSilence);
        await using RunningService service = RunningService.Start(
            "run", "--model", DemoFiles.Classifier, "--input", camera.Url("operator:swordfish"));

        string lost = await service.WaitForLogAsync(" lost: ");
        string back = await service.WaitForLogAsync("/live.ts is back");
        string commandLine = await File.ReadAllTextAsync($"/proc/{service.FindFfmpeg()}/cmdline");
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Equal(4, camera.Connections);
        Assert.Contains("http://***@127.0.0.1", lost, StringComparison.Ordinal);
        Assert.Contains("http://***@127.0.0.1", back, StringComparison.Ordinal);
        string[] log = service.Log.Split('\n');
        Assert.Equal(lost, Assert.Single(log, IsProblem));
        Assert.Equal(back, Assert.Single(log, static line => line.Contains("/live.ts is back", StringComparison.Ordinal)));
        Assert.DoesNotContain("swordfish", service.Log + commandLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NetworkCameraIsNotThere_KeepsTryingUntilItIsStopped()
    {
        await using var camera = new TransportStreamServer(
            [], TransportStreamServer.Answer.NotFound, TransportStreamServer.Answer.NotFound, TransportStreamServer.Answer.NotFound);
        await using RunningService service = RunningService.Start(
            "run", "--model", DemoFiles.Classifier, "--input", camera.Url("a:b"), "--format", "json");

        string lost = await service.WaitForLogAsync(" lost: ");
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (camera.Connections < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, hang.Token);
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Contains("(404)", lost, StringComparison.Ordinal);
        Assert.Single(service.Log.Split('\n'), IsProblem);
    }

    /// <summary>Of other lines only the one about the password in the arguments is expected.</summary>
    private static bool IsProblem(string line) =>
        !line.Contains(" INF ", StringComparison.Ordinal) && !line.Contains("list of processes", StringComparison.Ordinal);
}
