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

    /// <summary>The one that finds it out gets a new engine; the other goes on with the old one, which does it no harm.</summary>
    [Fact]
    public async Task Run_EngineOfTwoStreamsFailsForOne_IsCompiledOnceMoreAndBothInferTheRest()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", "ov_infer_request_start_async:100:device lost"));
        string path = _folder.File("settings.json");
        object model = new { Path = DemoFiles.Detector, Engine = "OpenVino", RequestTimeout = "10s" };
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new
        {
            EdgeInference = new { Streams = new[] { Stream("a", DemoFiles.Conveyor, model), Stream("b", DemoFiles.Conveyor, model) } },
        }));

        ServiceRun run = await ServiceProcess.RunAsync(environment, "run", "--config", path, "--format", "json");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains(": inference stopped: ", Assert.Single(Problem.LinesOf(run)), StringComparison.Ordinal);
        Assert.Single(run.LogLines, static line => line.Contains("by another stream, which it shares the engine with", StringComparison.Ordinal));
        long[] a = FramesOf(run, "a"), b = FramesOf(run, "b");
        Assert.Equal((DemoFiles.ConveyorFrames, DemoFiles.ConveyorFrames), (a[^1], b[^1]));
        Assert.InRange((2 * DemoFiles.ConveyorFrames) - a.Length - b.Length, 1, 4);
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Equal(2, log.Calls["ov_core_compile_model_props"]);
        FakeRun.AssertClean(log);
    }

    [Fact]
    public async Task Run_RebuildingFailsToo_IsTriedUntilItWorks()
    {
        // Each attempt compiles a second time, without the cache.
        string failures = string.Concat(Enumerable.Range(2, 4).Select(static call => $"ov_core_compile_model_props:{call}:no device;"));
        Dictionary<string, string> environment = FakeRun.Environment(
            FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", failures + "ov_infer_request_start_async:100:device lost"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync());

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Equal(2, Problem.LinesOf(run).Length);
        Assert.Contains("attempts to rebuild the engine: 3", run.Log, StringComparison.Ordinal);
        Assert.Equal(DemoFiles.ConveyorFrames, FramesOf(run, "detector")[^1]);
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Equal(6, log.Calls["ov_core_compile_model_props"]);
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

    /// <summary>Not even the start of an inference returns.</summary>
    [Fact]
    public async Task Run_StartNeverReturns_IsAbandonedAndTheRestInferred()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_BLOCK", "ov_infer_request_start_async:60"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync());

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("detector: inference stopped: a request has not returned within 1 s", run.Log, StringComparison.Ordinal);
        Assert.Contains("is abandoned (1 such in this process)", run.Log, StringComparison.Ordinal);
        Assert.Contains("detector: engine rebuilt 1 times, 1 frames lost in it, 1 calls into it still not returned", run.Log, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, DemoFiles.ConveyorFrames).Where(static frame => frame != 60).Select(static frame => (long)frame), FramesOf(run, "detector"));
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Empty(log.Violations);
        Assert.Equal(1, log.Live["infer_request"]);
        Assert.Equal(1, log.Live["compiled_model"]);
    }

    /// <summary>Model and device do not go together: a restart would not help.</summary>
    [Fact]
    public async Task Run_FirstInferenceFails_CouldNotStart()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", "ov_infer_request_start_async:0:shapes do not match"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, await RunAsync());

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("shapes do not match", Assert.Single(Problem.LinesOf(run)), StringComparison.Ordinal);
        FakeRun.AssertClean(FakeRun.LogOf(environment));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    public async Task Run_RequestsCannotBeMade_IsFoundBeforeTheFirstFrame(string verb)
    {
        Dictionary<string, string> environment = FakeRun.Environment(
            FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", "ov_compiled_model_create_infer_request:2:no memory on the device"));
        string[] arguments = await RunAsync();

        ServiceRun run = await ServiceProcess.RunAsync(environment, verb == "run" ? arguments : [verb, .. arguments[1..3]]);

        Problem.AssertOneLine(run, 78, "detector: ", "no memory on the device");
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

    [Fact]
    public async Task Run_StoppedWhileAStartDoesNotReturn_EndsInTime()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_BLOCK", "ov_infer_request_start_async:60"));
        await using RunningService service = RunningService.Start(environment, await RunAsync(timeout: "10m"));
        for (long frame = 0; frame < 59; frame++)
            Assert.NotNull(await service.ReadOutputAsync());

        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());

        // Which is not said where the host has to cut the stream off.
        Assert.Contains("detector: engine rebuilt 0 times, 1 frames lost in it, 1 calls into it still not returned", service.Log, StringComparison.Ordinal);
        Assert.Empty(FakeRun.LogOf(environment).Violations);
    }

    [Fact]
    public async Task Run_StoppedWhileTheModelIsCompiled_DoesNotWaitForIt()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_BLOCK", "ov_core_compile_model_props:1"));
        await using RunningService service = RunningService.Start(environment, await RunAsync(withNeighbour: true));
        Assert.Contains("neighbour", await service.ReadOutputAsync(), StringComparison.Ordinal);

        service.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Contains("detector: stopped before its engine was ready", service.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(" ERR ", service.Log, StringComparison.Ordinal);
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
