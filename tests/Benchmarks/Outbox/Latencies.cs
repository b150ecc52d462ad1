using System.Diagnostics;
using System.Globalization;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>Times of one kind, from several threads.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<long> _ticks = new(1 << 16);

    public void AddSince(long started)
    {
        long ticks = Stopwatch.GetTimestamp() - started;
        lock (_lock)
            _ticks.Add(ticks);
    }

    public void Clear()
    {
        lock (_lock)
            _ticks.Clear();
    }

    /// <summary>Median, 99th percentile and greatest, in milliseconds.</summary>
    public override string ToString()
    {
        long[] sorted;
        lock (_lock)
            sorted = [.. _ticks.Order()];
        return sorted.Length == 0
            ? "none"
            : string.Create(CultureInfo.InvariantCulture, $"{At(0.5):0.00} / {At(0.99):0.00} / {At(1):0.00}");

        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] * 1000.0 / Stopwatch.Frequency;
    }
}
