using System.Globalization;
using System.Text.Json;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.TestSupport.OpenVino;

namespace EdgeInference.Integration.Tests.OpenVino;

/// <summary>OpenVINO fails, hangs and leaks under the running program: a fake that was told to.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ov_infer_request_start_async:100:device lost")]
    [InlineData("ov_infer_request_wait:100:out of device memory")]
    public async Task Run_OneInferenceFails_EngineIsRebuiltAndTheRestInferred(string failure)
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", failure));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync());

        Assert.True(run.ExitCode == 0, run.Log);
        string stopped = Assert.Single(Problem.LinesOf(run));
        Assert.Contains("detector: inference stopped: ", stopped, StringComparison.Ordinal);
        Assert.Contains(failure.Split(':')[2], stopped, StringComparison.Ordinal);
        Assert.Single(run.LogLines, static line => line.Contains("detector: inference goes on after ", StringComparison.Ordinal));
        long[] frames = FramesOf(run, "detector");
        Assert.Equal(frames.Order().Distinct(), frames);
        Assert.Equal(DemoFiles.ConveyorFrames, frames[^1]);
        Assert.InRange(DemoFiles.ConveyorFrames - frames.Length, 1, 4);
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Equal(2, log.Calls["ov_core_compile_model_props"]);
        FakeRun.AssertClean(log);
    }

    [Fact]
    public async Task Run_RebuildingFailsToo_IsTriedUntilItWorks()
    {
        Dictionary<string, string> environment = FakeRun.Environment(
            FakeRelease.V2026,
            ("FAKE_OPENVINO_FAIL", "ov_infer_request_start_async:100:device lost;ov_core_compile_model_props:2:no device;ov_core_compile_model_props:3:no device"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync());

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Equal(2, Problem.LinesOf(run).Length);
        Assert.Contains("attempts to rebuild the engine: 3", run.Log, StringComparison.Ordinal);
        Assert.Equal(DemoFiles.ConveyorFrames, FramesOf(run, "detector")[^1]);
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Equal(4, log.Calls["ov_core_compile_model_props"]);
        FakeRun.AssertClean(log);
    }

    [Fact]
    public async Task Run_RequestNeverReturns_IsAbandonedAndOnlyThatIsLeft()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_HANG", "100"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync());

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("detector: inference stopped: a request has not returned within 1 s", run.Log, StringComparison.Ordinal);
        Assert.Contains("is abandoned (1 such in this process)", run.Log, StringComparison.Ordinal);
        Assert.Equal(DemoFiles.ConveyorFrames, FramesOf(run, "detector")[^1]);
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Empty(log.Violations);
        Assert.Equal(1, log.Live["infer_request"]);
        Assert.Equal(1, log.Live["compiled_model"]);
        Assert.Equal(DemoFiles.ConveyorFrames - 1, FramesOf(run, "detector").Length);
    }

    [Fact]
    public async Task Run_FirstInferenceFails_EndsTheStreamWithItsReason()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", "ov_infer_request_start_async:0:shapes do not match"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync());

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("shapes do not match", Assert.Single(Problem.LinesOf(run)), StringComparison.Ordinal);
        FakeRun.AssertClean(FakeRun.LogOf(environment));
    }

    [Fact]
    public async Task Run_EngineGrowsBeyondItsBudget_IsRecycledWithoutLosingAFrame()
    {
        // Another stream, on the other engine, must not notice.
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_LEAK_MB", "1"), ("FAKE_OPENVINO_DELAY_MS", "20"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync(budget: 100, withNeighbour: true));

        Assert.True(run.ExitCode == 0, run.Log);
        string[] recycled = Problem.LinesOf(run);
        Assert.NotEmpty(recycled);
        Assert.All(recycled, static line => Assert.Matches(@"detector: \d+ MB resident, \d+ MB more than when the engine was warm, of which the memory budget allows 100 MB", line));
        Assert.Equal(Enumerable.Range(1, DemoFiles.ConveyorFrames).Select(static frame => (long)frame), FramesOf(run, "detector"));
        Assert.Equal(Enumerable.Range(1, DemoFiles.InspectionFrames).Select(static frame => (long)frame), FramesOf(run, "neighbour"));
        FakeRun.AssertClean(FakeRun.LogOf(environment));
    }

    [Fact]
    public async Task Run_StoppedWhileARequestHangs_EndsInTime()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_HANG", "100"));
        await using RunningService service = RunningService.Start(environment, await RunAsync(timeout: "10m"));
        for (long frame = 0; frame < 99; frame++)
            Assert.NotNull(await service.ReadOutputAsync());

        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Empty(FakeRun.LogOf(environment).Violations);
    }

    private static long[] FramesOf(ServiceRun run, string stream) =>
    [
        .. run.OutputLines
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(report => report.GetProperty("stream").GetString() == stream)
            .Select(static report => report.GetProperty("frame_id").GetInt64()),
    ];

    /// <summary>A stream whose every frame is reported, and on demand one on ONNX Runtime beside it.</summary>
    private async Task<string[]> RunAsync(int budget = 0, bool withNeighbour = false, string timeout = "1s")
    {
        object detector = Stream("detector", DemoFiles.Conveyor, new { Path = DemoFiles.Detector, Engine = "OpenVino", RequestTimeout = timeout, MemoryBudget = budget });
        object neighbour = Stream("neighbour", DemoFiles.Inspection, new { Path = DemoFiles.Classifier, Engine = "OnnxRuntime" });
        string path = _folder.File(string.Create(CultureInfo.InvariantCulture, $"settings-{budget}.json"));
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { EdgeInference = new { Streams = withNeighbour ? new[] { detector, neighbour } : [detector] } }));
        return ["run", "--config", path, "--format", "json"];
    }

    private static object Stream(string name, string input, object model) =>
        new { Name = name, IncludeId = true, ReportingInterval = "0s", Source = new { Input = input }, Model = model };
}
