namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// What one target sample of an axis is made of: (1 - <paramref name="Weight"/>) x the first source sample
/// + <paramref name="Weight"/> x the second, which lies beside it or, at an edge, is the same.
/// </summary>
internal readonly record struct BilinearTap(int First, int Second, float Weight)
{
    /// <summary>The weights of OpenCV's 8-bit resize: they add up to 1 &lt;&lt; WeightBits.</summary>
    public const int WeightBits = 11;

    public short FirstWeight => (short)MathF.Round((1 - Weight) * (1 << WeightBits));

    public short SecondWeight => (short)MathF.Round(Weight * (1 << WeightBits));

    /// <summary>
    /// Half-pixel centres, edges clamped: target t lies at source (t + 0.5) x source / target - 0.5, in single precision
    /// as in OpenCV.
    /// </summary>
    public static BilinearTap[] CreateAxis(int source, int target)
    {
        var taps = new BilinearTap[target];
        double scale = 1 / ((double)target / source);
        for (int t = 0; t < target; t++)
        {
            float position = (float)(((t + 0.5) * scale) - 0.5);
            int floor = (int)MathF.Floor(position);
            taps[t] = new(Math.Clamp(floor, 0, source - 1), Math.Clamp(floor + 1, 0, source - 1), position - floor);
        }

        return taps;
    }
}
