using System.Globalization;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>Samples as text.</summary>
internal static class Cells
{
    /// <summary>Frames a second, CPU time a frame, and how much of the machine was idle and used by others.</summary>
    public static string[] Of(IReadOnlyCollection<Sample> samples) =>
    [
        Spread.Of(samples, static sample => sample.FramesPerSecond).Format("0.0"),
        Spread.Of(samples, static sample => sample.CpuPerFrame).Format("0.00"),
        Percent(Spread.Of(samples, static sample => sample.Idle)),
        Percent(Spread.Of(samples, static sample => sample.Others)),
    ];

    private static string Percent(Spread share) => (100 * share.Median).ToString("0", CultureInfo.InvariantCulture);
}
