using System.Text.Json;
using EdgeInference.Integration.Tests.OpenVino;
using EdgeInference.TestSupport.OpenVino;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>When the service says that it is ready, and that it stops.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_StreamInfers_IsReadyAndThenStops(bool isAbstract)
    {
        await using var manager = new NotifySocket(isAbstract ? $"@edge-inference-{Guid.NewGuid():N}" : _folder.File("notify"));
        await using RunningService service = RunningService.Start(
            manager.Environment(), "run", "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--loop", "true", "--interval", "0");
        await manager.WaitForAsync("READY=1");
        await service.WaitForLogAsync(": frame 1: ");

        service.Send(RunningService.Terminate);

        await manager.WaitForAsync("STOPPING=1");
        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Equal(["EXTEND_TIMEOUT_USEC=30000000", "READY=1", "STOPPING=1"], manager.Seen.Distinct());
    }

    [Fact]
    public async Task Run_FileEndsAtOnce_IsReadyBeforeItStops()
    {
        string one = _folder.File("one.mp4");
        await FfmpegTool.MakeAsync("-i", DemoFiles.Inspection, "-frames:v", "1", one);
        await using var manager = new NotifySocket(_folder.File("notify"));

        ServiceRun run = await ServiceProcess.RunAsync(manager.Environment(), "run", "--model", DemoFiles.Classifier, "--input", one);

        Assert.True(run.ExitCode == 0, run.Log);
        await manager.WaitForAsync("STOPPING=1");
        Assert.Equal(["READY=1", "STOPPING=1"], manager.Seen[^2..]);
    }

    /// <summary>After a kill all of it is read, which a slow disk may take longer for than TimeoutStartSec allows.</summary>
    [Fact]
    public async Task Run_OutboxWasNotClosed_ExtendsTheStartByItsSize()
    {
        Directory.CreateDirectory(_folder.File("outbox"));
        await File.WriteAllBytesAsync(_folder.File("outbox/outbox.db"), new byte[5_000_000]);
        await File.WriteAllBytesAsync(_folder.File("outbox/outbox.db-wal"), new byte[1000]);
        string settings = _folder.File("appsettings.json");
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
        {
            EdgeInference = new
            {
                Outbox = new { Directory = _folder.File("outbox") },
                Streams = new[]
                {
                    new
                    {
                        Source = new { Input = DemoFiles.Inspection },
                        Model = new { Path = "/no/model.xml" },
                        Publishers = new { LocalJpeg = new { Enabled = true, Directory = _folder.File("pictures") } },
                    },
                },
            },
        }));
        await using var manager = new NotifySocket(_folder.File("notify"));

        ServiceRun run = await ServiceProcess.RunAsync(manager.Environment(), "run", "--config", settings);

        Assert.True(run.ExitCode == 78, run.Log);
        Assert.Equal("EXTEND_TIMEOUT_USEC=35001000", manager.Seen[0]);
    }

    [Fact]
    public async Task Run_NoModelCanBeLoaded_IsNeverReady()
    {
        await using var manager = new NotifySocket(_folder.File("notify"));

        ServiceRun run = await ServiceProcess.RunAsync(manager.Environment(), "run", "--model", "/no/model.xml", "--input", DemoFiles.Inspection);

        Assert.Equal(78, run.ExitCode);
        await manager.WaitForAsync("STOPPING=1");
        Assert.DoesNotContain("READY=1", manager.Seen);
    }

    [Fact]
    public async Task Run_OneModelIsNotThere_IsReadyWithTheOtherStream()
    {
        await using var manager = new NotifySocket(_folder.File("notify"));
        await using RunningService service = RunningService.Start(
            manager.Environment(), "run", "--config", await WriteAsync(Stream("good", DemoFiles.Inspection), Stream("bad", DemoFiles.Inspection, "/no/model.xml")));

        await manager.WaitForAsync("READY=1");

        await service.WaitForLogAsync("bad: ");
        await service.WaitForLogAsync("good: frame ");
        Assert.Contains("1 runs", await manager.WaitForAsync("STATUS=2 streams: "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CameraIsNotThere_IsReadyOnceThatIsSaid()
    {
        await using var manager = new NotifySocket(_folder.File("notify"));
        await using RunningService service = RunningService.Start(
            manager.Environment(), "run", "--config", await WriteAsync(Stream("good", DemoFiles.Inspection), Stream("line2", "/dev/video63")));

        await manager.WaitForAsync("READY=1");

        await service.WaitForLogAsync("line2: lost: ");
        Assert.Contains("line2 lost", await manager.WaitForAsync("STATUS=2 streams: "), StringComparison.Ordinal);
    }

    /// <summary>As an accelerator's compiler may do for minutes.</summary>
    [Fact]
    public async Task Run_ModelIsBeingCompiled_ExtendsTheStartAndIsNotReady()
    {
        await using var manager = new NotifySocket(_folder.File("notify"));
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_BLOCK", "ov_core_compile_model_props:1"));
        environment["NOTIFY_SOCKET"] = manager.Path;
        await using RunningService service = RunningService.Start(
            environment, "run", "--config", await WriteAsync(Stream("good", DemoFiles.Inspection), Stream("slow", DemoFiles.Inspection, engine: "OpenVino")));

        await service.WaitForLogAsync("good: frame 1: ");
        await manager.WaitForAsync("EXTEND_TIMEOUT_USEC=30000000");
        Assert.Contains("slow compiling its model", await manager.WaitForAsync("STATUS=2 streams: 1 runs"), StringComparison.Ordinal);
        await manager.WaitForAsync("EXTEND_TIMEOUT_USEC=30000000");
        Assert.DoesNotContain("READY=1", manager.Seen);

        service.Send(RunningService.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync());
    }

    private static object Stream(string name, string input, string? model = null, string engine = "OnnxRuntime") => new
    {
        Name = name,
        ReportingInterval = "0s",
        Source = new { Input = input, Loop = input == DemoFiles.Inspection },
        Model = new { Path = model ?? DemoFiles.Classifier, Engine = engine },
    };

    private async Task<string> WriteAsync(params object[] streams)
    {
        string path = _folder.File("appsettings.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { EdgeInference = new { Streams = streams } }));
        return path;
    }
}
