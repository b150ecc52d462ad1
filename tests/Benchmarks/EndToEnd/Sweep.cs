namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>Measures the bare engine at several loads, one after another, again and again.</summary>
internal static class Sweep
{
    private const int Repetitions = 2;

    /// <summary>Prints the sweep.</summary>
    /// <returns>The load with the highest throughput.</returns>
    public static async Task<EngineLoad> RunAsync(BareEngine engine, IReadOnlyList<EngineLoad> loads, TimeSpan duration)
    {
        var samples = loads.ToDictionary(static load => load, static _ => new List<Sample>());
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            foreach (EngineLoad load in loads)
                samples[load].Add(await engine.MeasureAsync(load, duration));
        }

        var table = new Table("bare engine, x requests in flight", "frames/s", "CPU ms/frame", "idle %", "others %");
        foreach (EngineLoad load in loads)
            table.Add([load.ToString(), .. Cells.Of(samples[load])]);
        table.Write(Console.Out);
        return loads.MaxBy(load => Spread.Of(samples[load], static sample => sample.FramesPerSecond).Median)!;
    }
}
