using System.Text.Json;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>Four streams in one service hold no more at the end of a long run than early in it.</summary>
[Collection(Measuring.Name)]
[Trait("Category", "Soak")]
public sealed class MemoryTests(ITestOutputHelper console) : IDisposable
{
    private const int Samples = 50;
    private const long SliceFrames = 6000;

    // Compiled code, buffers and the heap have grown to their size by then.
    private const long WarmUpFrames = 5000;
    private const double MegaByte = 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_FourStreamsForManyFrames_HoldsNoMoreThanEarlyOn()
    {
        long target = SoakFrames.Count(SliceFrames);
        await using RunningService service = RunningService.Start("run", "--config", await WriteConfigurationAsync());
        var frames = new Dictionary<string, long>(StringComparer.Ordinal);
        var samples = new List<ProcessSample>();

        while (samples.Count < Samples)
        {
            string line = await service.ReadOutputAsync() ?? throw new InvalidOperationException(service.Log);
            using JsonDocument report = JsonDocument.Parse(line);
            frames[report.RootElement.GetProperty("stream").GetString()!] = report.RootElement.GetProperty("frame_id").GetInt64();
            if (frames.Values.Sum() >= WarmUpFrames + (target * samples.Count / (Samples - 1)))
                samples.Add(service.Sample());
        }

        service.Send(RunningService.Terminate);
        int exitCode = await service.WaitForExitAsync();

        ProcessSample early = Median(samples[..(Samples / 10)]);
        ProcessSample late = Median(samples[^(Samples / 10)..]);
        string figures = $"{frames.Values.Sum()} frames ({string.Join(", ", frames.Select(static stream => $"{stream.Key} {stream.Value}"))}): "
            + $"after the first {WarmUpFrames} {early.ResidentBytes / MegaByte:0.0} -> {late.ResidentBytes / MegaByte:0.0} MB resident, "
            + $"{early.Handles} -> {late.Handles} handles, {early.Threads} -> {late.Threads} threads";
        console.WriteLine(figures);
        Console.WriteLine(figures);
        Assert.True(exitCode == 0, service.Log);
        Assert.Equal(4, frames.Count);
        Assert.All(frames.Values, count => Assert.True(count > target / 100, figures));
        Assert.True(late.ResidentBytes <= (1.05 * early.ResidentBytes) + (8 * MegaByte), figures);
        Assert.True(late.Handles <= early.Handles + 4, figures);

        // The thread pool adds and ends some as it sees fit.
        Assert.True(late.Threads <= early.Threads + 16, figures);
    }

    private static ProcessSample Median(List<ProcessSample> samples) => new(
        samples.Select(static s => s.ResidentBytes).Order().ElementAt(samples.Count / 2),
        samples.Select(static s => s.Handles).Order().ElementAt(samples.Count / 2),
        samples.Select(static s => s.Threads).Order().ElementAt(samples.Count / 2));

    private async Task<string> WriteConfigurationAsync()
    {
        (string Name, string Model, string Video)[] streams =
        [
            ("detector1", DemoFiles.Detector, DemoFiles.Conveyor),
            ("detector2", DemoFiles.Detector, DemoFiles.Conveyor),
            ("classifier1", DemoFiles.Classifier, DemoFiles.Inspection),
            ("classifier2", DemoFiles.Classifier, DemoFiles.Inspection),
        ];
        var settings = new
        {
            EdgeInference = new
            {
                Streams = streams.Select(stream => new
                {
                    stream.Name,
                    Source = new { Input = stream.Video, Loop = true },
                    Model = new { Path = stream.Model },
                    IncludeId = true,
                    ReportingInterval = "50ms",
                    Publishers = new
                    {
                        StandardOutput = new { Enabled = true },
                        Log = new { Enabled = false },
                        LocalJpeg = new { Enabled = true, Directory = _folder.Path, FileName = "{stream}.jpg" },
                    },
                }),
            },
        };
        string path = _folder.File("settings.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(settings));
        return path;
    }
}
