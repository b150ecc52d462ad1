namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>Measures the bare engine at several loads, one after another, again and again.</summary>
internal static class Sweep
{
    private const int Repetitions = 2;

    /// <summary>One, half as many as, as many as, and one more than there are processors.</summary>
    private static int[] Counts { get; } =
        [.. new[] { 1, Environment.ProcessorCount / 2, Environment.ProcessorCount, Environment.ProcessorCount + 1 }.Where(static count => count > 0).Distinct()];

    /// <summary>Prints the sweep.</summary>
    /// <returns>The load with the highest throughput.</returns>
    public static async Task<EngineLoad> RunAsync(BareEngine engine, TimeSpan duration)
    {
        EngineLoad[] loads =
        [
            .. from threads in Counts
               where threads <= Environment.ProcessorCount
               from requests in Counts
               select new EngineLoad(threads, requests),
        ];
        var samples = loads.ToDictionary(static load => load, static _ => new List<Sample>());
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            foreach (EngineLoad load in loads)
                samples[load].Add(await engine.MeasureAsync(load, duration));
        }

        var table = new Table("bare engine, threads x requests", "frames/s", "CPU ms/frame", "idle %", "others %");
        foreach (EngineLoad load in loads)
            table.Add([$"{load.Threads} x {load.Requests}", .. Cells.Of(samples[load])]);
        table.Write(Console.Out);
        return loads.MaxBy(load => Spread.Of(samples[load], static sample => sample.FramesPerSecond).Median)!;
    }
}
