using System.Globalization;
using System.Text.Json;
using EdgeInference.Integration.Tests.Lifetime;
using EdgeInference.Integration.Tests.OpenVino;
using EdgeInference.TestSupport.OpenVino;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>When the watchdog of the service manager is fed, and when not. It is played by the test, which kills nobody.</summary>
public sealed class WatchdogTests : IDisposable
{
    private const string Feeding = "WATCHDOG=1";

    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(3);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The device is lost, and its driver does not return from compiling the model anew: no recovery of our own helps.</summary>
    [Fact]
    public async Task Run_EngineIsNeverRebuilt_IsNotFedAnyMore()
    {
        await using var manager = new NotifySocket(_folder.File("notify"));
        Dictionary<string, string> environment = FakeRun.Environment(
            FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", "ov_infer_request_start_async:60:device lost"), ("FAKE_OPENVINO_BLOCK", "ov_core_compile_model_props:2"));
        await using RunningService service = RunningService.Start(
            With(environment, manager.Environment(Watchdog)), "run", "--config", await WriteAsync(Stream("good", "OnnxRuntime"), Stream("stuck", "OpenVino")));

        await service.WaitForLogAsync("stuck: inference stopped: ");
        await manager.WaitForAsync(Feeding);
        string late = await service.WaitForLogAsync("without progress");
        int fed = manager.Count(Feeding);
        Assert.Contains("stuck: inference has been rebuilding its engine for ", late, StringComparison.Ordinal);

        // The other stream goes on meanwhile, and so does the status.
        for (int i = 0; i < 2; i++)
            await manager.WaitForAsync("STATUS=2 streams: 1 runs, stuck rebuilding its engine");
        Assert.Equal(fed, manager.Count(Feeding));
        Assert.Single(service.LogLines, static line => line.Contains("without progress", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_CameraIsAway_IsFed()
    {
        string content = _folder.File("live.ts");
        await FfmpegTool.MakeAsync("-i", DemoFiles.Inspection, "-t", "2", "-c", "copy", "-f", "mpegts", content);
        await using var camera = new TransportStreamServer(await File.ReadAllBytesAsync(content), TransportStreamServer.Answer.ContentThenClose);
        await using var manager = new NotifySocket(_folder.File("notify"));
        var source = new { Input = camera.Url("a:b"), StallTimeout = "1s", ConnectTimeout = "1s" };
        await using RunningService service = RunningService.Start(
            manager.Environment(Watchdog), "run", "--config", await WriteAsync(new { Name = "away", Source = source, Model = new { Path = DemoFiles.Classifier } }));
        await service.WaitForLogAsync(" lost: ");

        // Longer than a camera may be silent while it is there: StallTimeout and 15 s.
        int before = manager.Count(Feeding);
        while (manager.Count(Feeding) < before + 20)
            await manager.WaitForAsync(Feeding);

        Assert.DoesNotContain("without progress", service.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WatchdogIsOfAnotherProcess_IsNotFed()
    {
        await using var manager = new NotifySocket(_folder.File("notify"));
        Dictionary<string, string> environment = With(manager.Environment(Watchdog), new Dictionary<string, string> { ["WATCHDOG_PID"] = "1" });
        await using RunningService service = RunningService.Start(
            environment, "run", "--config", await WriteAsync(Stream("good", "OnnxRuntime")));
        await manager.WaitForAsync("READY=1");
        await manager.WaitForAsync("STATUS=1 stream: 1 runs");
        await manager.WaitForAsync("STATUS=1 stream: 1 runs");

        Assert.Equal(0, manager.Count(Feeding));
    }

    /// <summary>More engines than one process can bear hang: a new one may do better, and systemd starts it after a failure.</summary>
    [Fact]
    public async Task Run_TooManyEnginesAreStuck_StopsAndFails()
    {
        await using var manager = new NotifySocket(_folder.File("notify"));
        string all = string.Join(',', Enumerable.Range(1, 200));
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_HANG", all));
        object[] streams = [Stream("good", "OnnxRuntime"), .. Enumerable.Range(1, 9).Select(static n => Stream(string.Create(CultureInfo.InvariantCulture, $"stuck{n}"), "OpenVino"))];
        await using RunningService service = RunningService.Start(
            With(environment, manager.Environment(Watchdog)), "run", "--config", await WriteAsync(streams));

        await service.WaitForLogAsync("stops with exit code 1");

        Assert.Equal(1, await service.WaitForExitAsync());
        await manager.WaitForAsync("STOPPING=1");
        Assert.Single(service.LogLines, static line => line.Contains("stops with exit code 1", StringComparison.Ordinal));
        Assert.Contains("good: ", service.Log[service.Log.IndexOf("stops with exit code 1", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    private static Dictionary<string, string> With(Dictionary<string, string> environment, Dictionary<string, string> other)
    {
        foreach ((string name, string value) in other)
            environment[name] = value;
        return environment;
    }

    private static object Stream(string name, string engine) => new
    {
        Name = name,
        Source = new { Input = DemoFiles.Inspection, Loop = true, RealTime = true },
        Model = new { Path = DemoFiles.Classifier, Engine = engine, RequestTimeout = "1s", CompileTimeout = "1s" },
    };

    private async Task<string> WriteAsync(params object[] streams)
    {
        string path = _folder.File("appsettings.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { EdgeInference = new { Streams = streams } }));
        return path;
    }
}
