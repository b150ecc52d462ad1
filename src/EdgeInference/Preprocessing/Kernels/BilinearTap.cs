namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// What one target sample of an axis is made of: (1 - <paramref name="Weight"/>) x the first source sample
/// + <paramref name="Weight"/> x the second.
/// </summary>
internal readonly record struct BilinearTap(int First, int Second, double Weight)
{
    /// <summary>Half-pixel centres, edges clamped: target t lies at source (t + 0.5) x source / target - 0.5.</summary>
    public static BilinearTap[] CreateAxis(int source, int target)
    {
        var taps = new BilinearTap[target];
        double scale = (double)source / target;
        for (int t = 0; t < target; t++)
        {
            double position = Math.Clamp(((t + 0.5) * scale) - 0.5, 0, source - 1);
            int first = (int)position;
            taps[t] = new BilinearTap(first, Math.Min(first + 1, source - 1), position - first);
        }

        return taps;
    }

    /// <summary>
    /// The same tap in a plane of half the samples, each of which stands for two luma samples: what resizing gives
    /// after chroma has been replicated to full resolution, as decoders to RGB do.
    /// </summary>
    public BilinearTap ToChroma() =>
        First / 2 == Second / 2 ? new(First / 2, First / 2, 0) : new(First / 2, Second / 2, Weight);
}
