using System.Collections.Concurrent;
using System.Text.Json;

namespace EdgeInference.Integration.Tests.Reloading;

/// <summary>A running service whose configuration file the test writes anew, and the reports that its streams write to standard output.</summary>
internal sealed class ReloadingService : IAsyncDisposable
{
    private readonly string _file;
    private readonly Task _reading;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<long>> _frames = new();

    private ReloadingService(string file, RunningService service)
    {
        (_file, Service) = (file, service);
        _reading = ReadAsync();
    }

    public RunningService Service { get; }

    public static async Task<ReloadingService> StartAsync(TemporaryFolder folder, object edgeInference)
    {
        string file = folder.File("appsettings.json");
        await WriteAsync(file, edgeInference);
        return new ReloadingService(file, RunningService.Start("run", "--config", file));
    }

    /// <summary>A stream that reports every frame of a video, round and round at its own rate.</summary>
    public static Dictionary<string, object> Stream(string name, string? model = null) => new()
    {
        ["Name"] = name,
        ["Source"] = new { Input = DemoFiles.Inspection, Loop = true, RealTime = true },
        ["Model"] = new { Path = model ?? DemoFiles.Classifier },
        ["ReportingInterval"] = "0",
        ["IncludeId"] = true,
        ["Publishers"] = new { StandardOutput = new { Enabled = true }, Log = new { Enabled = false } },
    };

    public Task WriteAsync(object edgeInference) => WriteAsync(_file, edgeInference);

    /// <summary>Writes something else than settings.</summary>
    public Task WriteTextAsync(string text) => File.WriteAllTextAsync(_file, text);

    /// <summary>The frame ids that a stream has reported, in order.</summary>
    public long[] FramesOf(string stream) => _frames.TryGetValue(stream, out ConcurrentQueue<long>? frames) ? [.. frames] : [];

    /// <summary>Waits until a stream has reported so many more frames than now.</summary>
    public async Task WaitForFramesAsync(string stream, int more = 10)
    {
        int before = FramesOf(stream).Length;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (FramesOf(stream).Length < before + more)
        {
            Assert.False(_reading.IsCompleted, $"The program ended:\n{Service.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }

    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        Service.Send(RunningService.Terminate);
        int exitCode = await Service.WaitForExitAsync();
        await _reading;
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _reading;
    }

    private static Task WriteAsync(string file, object edgeInference) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { EdgeInference = edgeInference }));

    private async Task ReadAsync()
    {
        while (await Service.ReadOutputAsync() is { } line)
        {
            using JsonDocument report = JsonDocument.Parse(line);
            string stream = report.RootElement.GetProperty("stream").GetString()!;
            _frames.GetOrAdd(stream, static _ => new ConcurrentQueue<long>()).Enqueue(report.RootElement.GetProperty("frame_id").GetInt64());
        }
    }
}
