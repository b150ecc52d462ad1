using System.Globalization;
using EdgeInference.Integration.Tests.Endurance;
using EdgeInference.Integration.Tests.Publishing;
using EdgeInference.TestServers;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>
/// Eight streams in one service, four of which have a fault each. The other four do as well as the same four do in a service
/// that has no others, at the same time on the same machine.
/// </summary>
[Collection(Measuring.Name)]
[Trait("Category", Measuring.Name)]
public sealed class EightStreamsTests(ITestOutputHelper console) : IDisposable
{
    // Both services share the processors; one that is held up by its neighbours falls behind by far more.
    private const double LeastShare = 0.8;

    private static readonly string[] Files = ["file1", "file2"];
    private static readonly string[] Cameras = ["camera1", "camera2"];
    private static readonly string[] Healthy = [.. Files, .. Cameras];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_FourOfEightHaveAFault_TheOthersKeepRateAndOrder()
    {
        string minute = _folder.File("minute.mp4");
        await FfmpegTool.MakeAsync("-stream_loop", "5", "-i", DemoFiles.Inspection, "-c", "copy", minute);
        await using RtspCamera camera = await RtspCamera.RunAsync(minute);
        await using RtspCamera stalling = await RtspCamera.RunAsync(minute);
        await using var slow = new StubHttpServer(static _ => null);
        Dictionary<string, object>[] healthy = [.. Files.Select(FileStream), .. Cameras.Select(name => CameraStream(name, camera.Url))];
        Dictionary<string, object>[] faulty =
        [
            CameraStream("refused", "rtsp://127.0.0.1:1/live"),
            SlowStream("slow", slow.Url),
            DamagedStream("damaged"),
            CameraStream("stalling", stalling.Url, "1s"),
        ];
        await using RunningService control = await StartAsync(healthy);
        await using RunningService service = await StartAsync([.. faulty[..2], .. healthy, .. faulty[2..]]);
        var alone = new FrameLog(control);
        var together = new FrameLog(service);
        await alone.WaitAsync(static log => Healthy.All(stream => log.Of(stream).Length > 0));
        await together.WaitAsync(static log => Healthy.Append("stalling").Append("slow").All(stream => log.Of(stream).Length > 0));

        RunningService.Send(stalling.ProcessId, RunningService.Halt);
        Dictionary<string, (int Alone, int Together)> before = Count(alone, together);
        await alone.WaitAsync(log => log.Of(Files[0]).Length >= before[Files[0]].Alone + 125);
        Dictionary<string, (int Alone, int Together)> after = Count(alone, together);
        string stalled = await service.WaitForLogAsync("stalling: lost: ");
        int silent = together.Of("stalling").Length;
        RunningService.Send(stalling.ProcessId, RunningService.Continue);
        await together.WaitAsync(log => log.Of("stalling").Length > silent);
        service.Send(RunningService.Terminate);
        control.Send(RunningService.Terminate);

        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Equal(0, await control.WaitForExitAsync());
        foreach (string stream in Healthy)
            AssertKeptUp(stream, after[stream].Alone - before[stream].Alone, after[stream].Together - before[stream].Together);
        Assert.All(Files, stream => Assert.Equal(Enumerable.Range(1, together.Of(stream).Length).Select(static i => (long)i), together.Of(stream)));
        Assert.All(Cameras, stream => Assert.Equal(together.Of(stream).Order().Distinct(), together.Of(stream)));
        Assert.Contains("no picture for 1 s (StallTimeout)", stalled, StringComparison.Ordinal);
        AssertSaidOnceEach(service);
    }

    private void AssertKeptUp(string stream, int alone, int together)
    {
        string figures = string.Create(CultureInfo.InvariantCulture, $"{stream}: {alone} frames alone, {together} beside four streams with faults");
        console.WriteLine(figures);
        Assert.True(alone > 10 && together >= LeastShare * alone, figures);
    }

    private static void AssertSaidOnceEach(RunningService service)
    {
        string[] problems = [.. service.LogLines.Where(static line => line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal))];
        (string Stream, string Reason)[] expected =
        [
            ("refused", "the connection was refused"),
            ("slow", "Webhook cannot deliver: "),
            ("damaged", "parts.bin"),
            ("stalling", "no picture for 1 s"),
        ];
        Assert.All(expected, fault => Assert.Contains(
            fault.Reason, Assert.Single(problems, line => line.Contains($" {fault.Stream}: ", StringComparison.Ordinal)), StringComparison.Ordinal));
        Assert.True(problems.Length == expected.Length, string.Join('\n', problems));
    }

    private static Dictionary<string, (int Alone, int Together)> Count(FrameLog alone, FrameLog together) =>
        Healthy.ToDictionary(static stream => stream, stream => (alone.Of(stream).Length, together.Of(stream).Length));

    private async Task<RunningService> StartAsync(Dictionary<string, object>[] streams) => RunningService.Start(
        "run", "--config", await Settings.WriteAsync(_folder, new { Streams = streams }));

    private static Dictionary<string, object> FileStream(string name) => Stream(name, new { Input = DemoFiles.Inspection, Loop = true, RealTime = true }, DemoFiles.Classifier);

    private static Dictionary<string, object> CameraStream(string name, string url, string stallTimeout = "10s") =>
        Stream(name, new { Input = url, StallTimeout = stallTimeout }, DemoFiles.Classifier);

    private static Dictionary<string, object> SlowStream(string name, string url)
    {
        Dictionary<string, object> stream = FileStream(name);
        stream["Publishers"] = new
        {
            StandardOutput = new { Enabled = true },
            Log = new { Enabled = false },
            Webhook = new { Enabled = true, Url = url, Timeout = "1s" },
        };
        return stream;
    }

    private Dictionary<string, object> DamagedStream(string name)
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        using (FileStream weights = File.OpenWrite(_folder.File("parts.bin")))
            weights.SetLength(weights.Length / 2);
        return Stream(name, new { Input = DemoFiles.Conveyor }, model);
    }

    private static Dictionary<string, object> Stream(string name, object source, string model) => new()
    {
        ["Name"] = name,
        ["Source"] = source,
        ["Model"] = new { Path = model },
        ["ReportingInterval"] = "0",
        ["IncludeId"] = true,
        ["Publishers"] = new { StandardOutput = new { Enabled = true }, Log = new { Enabled = false } },
    };
}
