using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>The real program in a process of its own, seen from outside: its log, its processor time and its memory.</summary>
internal sealed partial class ServiceProbe(BenchedEngine engine, Workload workload)
{
    // Until the just-in-time compiler has put its last tier in place.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Streams of the same file, which begins again whenever it ends, side by side in one service.</summary>
    public async Task<ServiceSample> MeasureAsync(int streams, TimeSpan duration)
    {
        using Process service = Start(streams);
        try
        {
            var log = new ReportLog(service.StandardError);
            await log.ReadUntilAsync(() => log.Streams == streams);
            var warmUp = new Meter();
            await log.ReadUntilAsync(() => warmUp.Elapsed >= WarmUp);

            log.Mark();
            int[] processes = [service.Id, .. FindChildren(service)];
            var meter = new Meter(processes);
            await log.ReadUntilAsync(() => meter.Elapsed >= duration);
            return new ServiceSample(meter.ReadRate(log.FramesPerSecond), PeakMegabytes(processes));
        }
        finally
        {
            service.Kill(entireProcessTree: true);
            await service.WaitForExitAsync();
        }
    }

    private Process Start(int streams)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "edge-inference"))
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        for (int i = 0; i < streams; i++)
        {
            string stream = string.Create(CultureInfo.InvariantCulture, $"EdgeInference__Streams__{i}__");
            start.Environment[stream + "Source__Input"] = workload.Video;
            start.Environment[stream + "Source__Loop"] = "true";
            start.Environment[stream + "Model__Path"] = workload.Model;
            start.Environment[stream + "ReportingInterval"] = "1s";
            foreach ((string key, string value) in engine.Settings)
                start.Environment[$"{stream}Model__{key}"] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>The decoders.</summary>
    private static IEnumerable<int> FindChildren(Process parent) => Directory
        .EnumerateDirectories($"/proc/{parent.Id}/task")
        .SelectMany(static task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static id => int.Parse(id, CultureInfo.InvariantCulture));

    private static double PeakMegabytes(IEnumerable<int> processes) => processes.Sum(static id =>
    {
        using var process = Process.GetProcessById(id);
        return process.PeakWorkingSet64 / 1e6;
    });

    /// <summary>Follows the reports in a service's log: "12:00:00.123 INF stream1: frame 123: …".</summary>
    private sealed partial class ReportLog(StreamReader log)
    {
        private readonly Dictionary<string, (long Frame, long At)> _latest = [];
        private Dictionary<string, (long Frame, long At)> _marked = [];

        public int Streams => _latest.Count;

        /// <summary>Of all streams together, from each stream's last report before the mark to its last one so far.</summary>
        public double FramesPerSecond => _latest.Sum(stream =>
            (stream.Value.Frame - _marked[stream.Key].Frame) / Stopwatch.GetElapsedTime(_marked[stream.Key].At, stream.Value.At).TotalSeconds);

        public void Mark() => _marked = new(_latest);

        /// <summary>Reads on, and looks after each report whether it is enough.</summary>
        public async Task ReadUntilAsync(Func<bool> isEnough)
        {
            do
            {
                string line = await log.ReadLineAsync() ?? throw new InvalidOperationException("The service has ended.");
                if (Report().Match(line) is { Success: true } report)
                    _latest[report.Groups["stream"].Value] = (long.Parse(report.Groups["frame"].Value, CultureInfo.InvariantCulture), Stopwatch.GetTimestamp());
            }
            while (!isEnough());
        }

        [GeneratedRegex(@" INF (?<stream>\w+): frame (?<frame>\d+):", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Report();
    }
}

/// <summary>A sample of the service.</summary>
/// <param name="Sample">The service and its decoders together.</param>
/// <param name="PeakMegabytes">Their peak resident memory.</param>
internal sealed record ServiceSample(Sample Sample, double PeakMegabytes);
