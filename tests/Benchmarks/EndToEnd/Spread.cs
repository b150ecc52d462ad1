using System.Globalization;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>Repeated measurements of one thing.</summary>
internal readonly record struct Spread(double Min, double Median, double Max)
{
    public static Spread Of<T>(IEnumerable<T> repetitions, Func<T, double> value)
    {
        double[] sorted = [.. repetitions.Select(value).Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[^1]);
    }

    /// <summary>The median, with the extremes behind it.</summary>
    public string Format(string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Median.ToString(format, CultureInfo.InvariantCulture)} ({Min.ToString(format, CultureInfo.InvariantCulture)} .. {Max.ToString(format, CultureInfo.InvariantCulture)})");
}
