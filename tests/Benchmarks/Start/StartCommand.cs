using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeInference.Benchmarks.EndToEnd;

namespace EdgeInference.Benchmarks.Start;

/// <summary><c>start</c>: how long the program takes from its start to its first report, without the cache of optimised models and with it.</summary>
internal static partial class StartCommand
{
    public const string Name = "start";

    private const int Repetitions = 5;

    public static async Task<int> RunAsync()
    {
        await Machine.WriteAsync(Console.Out);
        Console.WriteLine($"The real program, from its start to its first report; medians of {Repetitions} (least .. greatest).");
        Console.WriteLine("First: nothing is cached, and the cache is written. Rest: without what loading the model took.");
        Console.WriteLine("Processor: what the program itself, without ffmpeg, has used until a first report from the cache.\n");
        var table = new Table("model and video", "first, s", "of it loading, s", "cached, s", "of it loading, s", "rest, s", "processor, s");
        foreach (Workload workload in Workload.FindAll())
        {
            List<Beginning> first = [];
            List<Beginning> cached = [];
            for (int i = 0; i < Repetitions; i++)
            {
                DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-inference-start-");
                try
                {
                    first.Add(await MeasureAsync(workload, folder));
                    cached.Add(await MeasureAsync(workload, folder));
                }
                finally
                {
                    folder.Delete(recursive: true);
                }
            }

            table.Add(
                workload.Name,
                Spread.Of(first, static start => start.Seconds).Format("0.00"),
                Spread.Of(first, static start => start.Loading).Format("0.00"),
                Spread.Of(cached, static start => start.Seconds).Format("0.00"),
                Spread.Of(cached, static start => start.Loading).Format("0.00"),
                Spread.Of([.. first, .. cached], static start => start.Seconds - start.Loading).Format("0.00"),
                Spread.Of(cached, static start => start.ProcessorSeconds).Format("0.00"));
        }

        table.Write(Console.Out);
        return 0;
    }

    private static async Task<Beginning> MeasureAsync(Workload workload, DirectoryInfo folder)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "edge-inference"),
            ["run", "--model", workload.Model, "--input", workload.Video, "--interval", "0", "--format", "json"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_CACHE_HOME"] = folder.FullName;
        start.Environment["XDG_STATE_HOME"] = folder.FullName;
        long started = Stopwatch.GetTimestamp();
        using Process service = Process.Start(start)!;
        try
        {
            Task<double> loading = FindLoadingAsync(service.StandardError);
            string? report = await service.StandardOutput.ReadLineAsync();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (report is null)
                throw new InvalidOperationException($"The program ended without a report: {workload.Name}.");
            service.Refresh();
            return new Beginning(seconds, await loading, service.TotalProcessorTime.TotalSeconds);
        }
        finally
        {
            service.Kill(entireProcessTree: true);
            await service.WaitForExitAsync();
        }
    }

    /// <summary>What the log says: "loaded in 871 ms".</summary>
    private static async Task<double> FindLoadingAsync(StreamReader log)
    {
        while (await log.ReadLineAsync() is { } line)
        {
            if (Loaded().Match(line) is { Success: true } loaded)
                return double.Parse(loaded.Groups["milliseconds"].Value, CultureInfo.InvariantCulture) / 1000;
        }

        throw new InvalidOperationException("The log does not say how long the model took to load.");
    }

    [GeneratedRegex(@"loaded in (?<milliseconds>\d+) ms", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Loaded();

    private readonly record struct Beginning(double Seconds, double Loading, double ProcessorSeconds);
}
