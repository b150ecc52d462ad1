namespace EdgeInference.Models.Graphs;

/// <summary>A regular selection along one axis.</summary>
/// <param name="First">The first index, counted from the front.</param>
/// <param name="Step">The distance to the next, negative to walk backwards.</param>
/// <param name="Count">How many.</param>
internal readonly record struct AxisSlice(long First, long Step, long Count)
{
    /// <summary>ONNX's exclusive end; walking backwards past the front is written as a number below any index.</summary>
    public long End => First + (Step * Count) is >= 0 and var end ? end : long.MinValue;

    /// <summary>All of an axis, whose size may be unknown.</summary>
    public static AxisSlice Whole(long size) => new(0, 1, size);

    /// <summary>A slice as NumPy takes it: bounds may be left out, counted from the back, or beyond the ends.</summary>
    /// <param name="size">The axis's size.</param>
    /// <param name="begin">The first index.</param>
    /// <param name="end">The index after the last.</param>
    /// <param name="step">The step, not 0.</param>
    public static AxisSlice Of(long size, long? begin, long? end, long step)
    {
        if (step is 0 or long.MinValue)
            throw new LayerException("a slice's step is 0");
        long lowest = step > 0 ? 0 : -1;
        long highest = step > 0 ? size : size - 1;
        long first = begin is { } b ? Math.Clamp(b < 0 ? b + size : b, lowest, highest) : step > 0 ? 0 : size - 1;
        long last = end is { } e ? Math.Clamp(e < 0 ? e + size : e, lowest, highest) : step > 0 ? size : -1;
        long span = step > 0 ? last - first : first - last;
        long count = span <= 0 ? 0 : ((span - 1) / Math.Abs(step)) + 1;

        // Without a second element the step means nothing, and where it may lead is outside any axis.
        return count switch
        {
            0 => new AxisSlice(0, 1, 0),
            1 => new AxisSlice(first, 1, 1),
            _ => new AxisSlice(first, step, count),
        };
    }
}
