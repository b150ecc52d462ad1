namespace EdgeInference.Models.Graphs;

/// <summary>
/// The windows of adaptive pooling along one axis: window i of <paramref name="Count"/> goes from floor(i * size / count) to
/// ceil((i + 1) * size / count), so that together they cover the axis (OpenVINO opset spec, AdaptiveAvgPool-8).
/// </summary>
/// <param name="Size">The axis's size.</param>
/// <param name="Count">How many windows.</param>
internal sealed record AdaptiveWindows(long Size, long Count)
{
    private const long MostWindows = 1 << 16;

    /// <summary>The size of the largest window.</summary>
    public long Longest => Enumerable.Range(0, (int)Count).Max(i => End(i) - Start(i));

    /// <summary>Whether all windows are of one size and do not overlap.</summary>
    public bool IsRegular => Size % Count == 0;

    public long Start(int window) => window * Size / Count;

    public long End(int window) => (((window + 1) * Size) + Count - 1) / Count;

    /// <returns>The windows of all spatial axes.</returns>
    /// <param name="shape">[N, C, spatial…], the spatial sizes known.</param>
    /// <param name="counts">How many windows along each spatial axis.</param>
    public static AdaptiveWindows[] Of(IReadOnlyList<long> shape, long[] counts)
    {
        if (counts.Length is < 1 or > 3 || shape.Count != counts.Length + 2)
            throw new LayerException($"{Shapes.Describe(shape)} cannot be pooled to {Shapes.Describe(counts)}");
        if (shape.Skip(2).Concat(counts).Any(static size => size is < 1 or > MostWindows))
            throw new LayerException($"pooling {Shapes.Describe(shape)} to {Shapes.Describe(counts)} is not supported");
        return [.. counts.Select((count, i) => new AdaptiveWindows(shape[i + 2], count))];
    }
}
