using System.Globalization;
using System.Text.Json;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>
/// Four streams in one service, as fast as they go: at the end of a long run it holds no more than early in it. How fast it is
/// then is printed, and hangs on what else the machine does. EDGEINFERENCE_SOAK_MINUTES says how long; without, it is a slice that finds gross leaks only.
/// </summary>
[Collection(Measuring.Name)]
[Trait("Category", Measuring.Name)]
[Trait("Category", "Soak")]
public sealed class SoakTests(ITestOutputHelper console) : IDisposable
{
    private const double MegaByte = 1024 * 1024;
    private const int Spans = 5;

    // Compiled code, buffers and the heap have grown near to their size by then; the clock starts there.
    private const long WarmUpFrames = 5000;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(8);

    // From here on the limits of a soak hold; in less time the heap and compiled code still grow to their size.
    private static readonly TimeSpan ShortestSoak = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_FourStreams_HoldsNoMoreAtTheEndThanEarlyOn()
    {
        TimeSpan length = Length();
        await using RunningService service = RunningService.Start("run", "--config", await WriteConfigurationAsync());
        List<Sample> samples = await SampleAsync(service, length);
        service.Send(RunningService.Terminate);
        int exitCode = await service.WaitForExitAsync();

        // Of half an hour, the fifth minute, and the last one.
        int window = Math.Max(1, samples.Count / 30);
        List<Sample> steady = samples[(samples.Count * 4 / 30)..];
        Sample early = Median(steady[..(window + 1)]);
        Sample late = Median(steady[^(window + 1)..]);
        string figures = $"four streams for {length.TotalMinutes:0.##} min, {samples[^1].Frames} frames: "
            + $"at {early.Time.TotalMinutes:0.0} and {late.Time.TotalMinutes:0.0} min "
            + $"{early.Process.ResidentBytes / MegaByte:0.0} -> {late.Process.ResidentBytes / MegaByte:0.0} MB resident "
            + $"({100.0 * (late.Process.ResidentBytes - early.Process.ResidentBytes) / early.Process.ResidentBytes:+0.0;-0.0} %), "
            + $"{early.Process.Handles} -> {late.Process.Handles} handles, {early.Process.Threads} -> {late.Process.Threads} threads, "
            + $"{RateOf(steady[..(window + 1)]):0} -> {RateOf(steady[^(window + 1)..]):0} frames/s";
        console.WriteLine(figures);
        Console.WriteLine(figures);
        Assert.True(exitCode == 0, service.Log);
        Assert.True(late.Process.Handles <= early.Process.Handles + 4, figures);
        if (length < ShortestSoak)
        {
            // The thread pool adds and ends some as it sees fit.
            Assert.True(late.Process.ResidentBytes <= (1.05 * early.Process.ResidentBytes) + (8 * MegaByte), figures);
            Assert.True(late.Process.Threads <= early.Process.Threads + 16, figures);
            return;
        }

        Assert.True(late.Process.ResidentBytes <= 1.02 * early.Process.ResidentBytes, figures);
        Assert.True(late.Process.Threads <= early.Process.Threads + 4, figures);
        Assert.False(Grows(steady, static sample => sample.Process.Handles), "Handles grow all the time: " + figures);
        Assert.False(Grows(steady, static sample => sample.Process.Threads), "Threads grow all the time: " + figures);
    }

    private static TimeSpan Length() =>
        double.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_SOAK_MINUTES"), NumberStyles.Float, CultureInfo.InvariantCulture, out double minutes)
            ? TimeSpan.FromMinutes(minutes)
            : Slice;

    /// <summary>Looks at the process all the time, whenever it has reported something.</summary>
    private static async Task<List<Sample>> SampleAsync(RunningService service, TimeSpan length)
    {
        const int Count = 360;
        var frames = new Dictionary<string, long>(StringComparer.Ordinal);
        var samples = new List<Sample>(Count);
        long started = TimeProvider.System.GetTimestamp();
        while (samples.Count < Count)
        {
            string line = await service.ReadOutputAsync() ?? throw new InvalidOperationException(service.Log);
            using JsonDocument report = JsonDocument.Parse(line);
            frames[report.RootElement.GetProperty("stream").GetString()!] = report.RootElement.GetProperty("frame_id").GetInt64();
            if (frames.Values.Sum() < WarmUpFrames)
                started = TimeProvider.System.GetTimestamp();
            TimeSpan time = TimeProvider.System.GetElapsedTime(started);
            if (time >= length * (samples.Count + 1) / Count)
                samples.Add(new Sample(time, frames.Values.Sum(), service.Sample()));
        }

        Assert.Equal(4, frames.Count);
        Assert.All(frames.Values, count => Assert.True(count > samples[^1].Frames / 100, string.Join(", ", frames)));
        return samples;
    }

    private static Sample Median(List<Sample> samples)
    {
        return new Sample(
            samples[samples.Count / 2].Time,
            samples[samples.Count / 2].Frames,
            new ProcessSample(
                Middle(static sample => sample.Process.ResidentBytes),
                (int)Middle(static sample => sample.Process.Handles),
                (int)Middle(static sample => sample.Process.Threads)));

        long Middle(Func<Sample, long> value) => samples.Select(value).Order().ElementAt(samples.Count / 2);
    }

    private static double RateOf(List<Sample> samples) =>
        (samples[^1].Frames - samples[0].Frames) / (samples[^1].Time - samples[0].Time).TotalSeconds;

    /// <summary>Whether the median of each fifth is above that of the one before.</summary>
    private static bool Grows(List<Sample> samples, Func<Sample, int> value)
    {
        int[] medians =
        [
            .. samples.Chunk((samples.Count + Spans - 1) / Spans)
                .Select(span => span.Select(value).Order().ElementAt(span.Length / 2)),
        ];
        return medians.Zip(medians.Skip(1)).All(static pair => pair.Second > pair.First);
    }

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

    /// <summary>How far the streams were at a time, together, and what the process held.</summary>
    private readonly record struct Sample(TimeSpan Time, long Frames, ProcessSample Process);
}
