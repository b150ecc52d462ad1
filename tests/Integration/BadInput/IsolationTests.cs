namespace EdgeInference.Integration.Tests.BadInput;

/// <summary>A fault stays where it is.</summary>
public sealed class IsolationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OneStreamIsFaulted_TheOtherFinishes()
    {
        string file = _folder.File("settings.json");
        await File.WriteAllTextAsync(file, $$"""
            { "EdgeInference": { "Streams": [
              { "Name": "good", "Model": { "Path": "{{DemoFiles.Classifier}}" }, "Source": { "Input": "{{DemoFiles.Inspection}}" } },
              { "Name": "bad", "Model": { "Path": "missing.xml" }, "Source": { "Input": "{{DemoFiles.Inspection}}" } }
            ] } }
            """);

        ServiceRun run = await ServiceProcess.RunAsync("run", "--config", file);

        Problem.AssertOneLine(run, 1, "bad: ", "missing.xml");
        Assert.Contains($"good: {DemoFiles.InspectionFrames} frames, {DemoFiles.InspectionFrames} inferred, 0 dropped, 0 corrupt", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PicturesCannotBeWritten_SaysSoOnceAndGoesOn()
    {
        // A file where the folder should be: even root cannot write there.
        string notAFolder = _folder.File("pictures");
        await File.WriteAllTextAsync(notAFolder, "");

        ServiceRun run = await ServiceProcess.RunAsync(
            "run", "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--interval", "100ms", "--pictures", notAFolder);

        Assert.True(run.ExitCode == 0, run.Log);
        string warning = Assert.Single(Problem.LinesOf(run));
        Assert.Contains("LocalJpeg cannot deliver: ", warning, StringComparison.Ordinal);
        Assert.Contains(notAFolder, warning, StringComparison.Ordinal);
        Assert.DoesNotContain("delivers again", run.Log, StringComparison.Ordinal);
        Problem.AssertCalm(run);
        int reports = run.LogLines.Count(static line => line.Contains(": frame ", StringComparison.Ordinal));
        Assert.True(reports > 1, run.Log);
        Assert.Contains($"Outbox: {reports} to ", run.Log, StringComparison.Ordinal);

        Assert.Contains($"LocalJpeg: 0 delivered to {notAFolder}, {reports} not yet", run.Log, StringComparison.Ordinal);
    }
}
