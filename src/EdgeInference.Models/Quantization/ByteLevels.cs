using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Quantization;

/// <summary>A range whose levels are bytes: the value of level q is (q - ZeroPoint) * scale.</summary>
/// <param name="Scales">One for all channels, or one for each.</param>
/// <param name="ZeroPoint">The level of 0.</param>
internal sealed record ByteLevels(float[] Scales, byte ZeroPoint)
{
    /// <summary>
    /// How far from a whole number a zero point may be, and the output's bounds from the input's, in levels. Ranges stored
    /// in half precision are off by up to 1/16: that share of a layer's values would go to the next level, so the worst
    /// layers stay in float.
    /// </summary>
    private const double Tolerance = 1 / 64d;

    /// <summary>Null for a range that has no such form.</summary>
    public static ByteLevels? Of(FakeQuantizeNode quantize) =>
        quantize.Range.PerChannel(quantize.Output.Shape) is { } spans ? Of(spans) : null;

    /// <param name="spans">One for all channels, or one for each.</param>
    public static ByteLevels? Of(LevelSpan[] spans)
    {
        int levels = spans[0].Levels;
        double[] scales = [.. spans.Select(static span => ((double)span.InputHigh - span.InputLow) / (span.Levels - 1))];
        double[] zeros = [.. spans.Zip(scales, static (span, scale) => -span.InputLow / scale)];
        double zero = Math.Round(zeros[0]);
        bool fits = levels <= 256
            && zero >= 0
            && zero < levels
            && scales.All(static scale => scale > float.Epsilon)
            && zeros.All(other => Math.Abs(other - zero) <= Tolerance)
            && spans.Zip(scales).All(static pair => KeepsBounds(pair.First, pair.Second));
        return fits ? new ByteLevels([.. scales.Distinct().Count() == 1 ? [(float)scales[0]] : scales.Select(static s => (float)s)], (byte)zero) : null;
    }

    /// <summary>A range whose levels are whole numbers.</summary>
    public static QuantizationRange UnitRange(byte zeroPoint, int levels)
    {
        Constant low = Constant.Floats([-zeroPoint]);
        Constant high = Constant.Floats([levels - 1 - zeroPoint]);
        return new QuantizationRange(low, high, low, high, levels);
    }

    private static bool KeepsBounds(LevelSpan span, double scale) =>
        Math.Abs((double)span.OutputLow - span.InputLow) <= Tolerance * scale
        && Math.Abs((double)span.OutputHigh - span.InputHigh) <= Tolerance * scale;
}
