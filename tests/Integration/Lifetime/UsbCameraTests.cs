namespace EdgeInference.Integration.Tests.Lifetime;

public sealed class UsbCameraTests
{
    [Fact]
    public async Task Run_CameraIsPulledOutAndPluggedIn_SaysEachOnceAndCountsOn()
    {
        await using var camera = new UsbCamera();
        camera.PlugIn();
        await using RunningService service = RunningService.Start(
            camera.Environment, "run", "--model", DemoFiles.Classifier, "--input", camera.Path, "--interval", "100ms", "--format", "json");
        long before = (await Reports.ReadFramesAsync(service, 3))[^1];

        await camera.PullOutAsync();
        string lost = await service.WaitForLogAsync(" lost: ");
        camera.PlugIn();
        string back = await service.WaitForLogAsync(" is back after ");
        long[] after = await Reports.ReadFramesAfterAsync(service, before, 3);
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Equal(lost, string.Join('\n', service.LogLines.Where(static line => !line.Contains(" INF ", StringComparison.Ordinal))));
        Assert.Equal(back, Assert.Single(service.LogLines, static line => line.Contains(" is back after ", StringComparison.Ordinal)));
        Assert.Equal(after.Order().Distinct(), after);
    }

    [Fact]
    public async Task Run_CameraIsNotThereAtTheStart_IsTakenWhenItComes()
    {
        await using var camera = new UsbCamera();
        await using RunningService service = RunningService.Start(
            camera.Environment, "run", "--model", DemoFiles.Classifier, "--input", camera.Path, "--interval", "100ms", "--format", "json");
        string lost = await service.WaitForLogAsync(" lost: ");

        camera.PlugIn();
        long[] frames = await Reports.ReadFramesAsync(service, 3);
        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Contains("there is no such camera", lost, StringComparison.Ordinal);
        Assert.Equal(frames.Order().Distinct(), frames);
    }
}
