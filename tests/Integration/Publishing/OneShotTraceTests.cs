namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>A run without a configuration file is over when it ends: nothing of it is left but what was asked for.</summary>
public sealed class OneShotTraceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_WithPictures_LeavesOnlyThese()
    {
        ServiceRun run = await ServiceProcess.RunAsync(
            Environment(), "run", "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--interval", "200ms", "--pictures", _folder.File("pictures"));

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.NotEmpty(Directory.GetFiles(_folder.File("pictures"), "*.jpg", SearchOption.AllDirectories));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Run_StoppedOrFailed_LeavesNothing()
    {
        string[] arguments = ["run", "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--pictures", _folder.File("pictures")];
        await using (RunningService service = RunningService.Start(Environment(), [.. arguments, "--loop", "true"]))
        {
            await service.WaitForLogAsync(": frame ");
            service.Send(RunningService.Terminate);
            Assert.Equal(0, await service.WaitForExitAsync());
        }

        AssertNothingIsLeft();
        arguments[2] = "missing.xml";
        Assert.Equal(78, (await ServiceProcess.RunAsync(Environment(), arguments)).ExitCode);
        AssertNothingIsLeft();
    }

    private Dictionary<string, string> Environment()
    {
        Directory.CreateDirectory(_folder.File("temporary"));
        return new Dictionary<string, string>
        {
            ["TMPDIR"] = _folder.File("temporary"),
            ["XDG_STATE_HOME"] = _folder.File("state"),
        };
    }

    private void AssertNothingIsLeft()
    {
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("temporary")));
        Assert.False(Directory.Exists(_folder.File("state")));
    }
}
