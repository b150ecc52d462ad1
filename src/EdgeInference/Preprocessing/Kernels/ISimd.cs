namespace EdgeInference.Preprocessing.Kernels;

/// <summary>The steps of the kernel for one vector width. Each handles <see cref="Step"/> samples.</summary>
internal interface ISimd
{
    /// <summary>16-bit samples in a vector.</summary>
    static abstract int Step { get; }

    /// <summary>Converts pixels of one row; each sample of <paramref name="u"/> and <paramref name="v"/> serves two.</summary>
    static abstract void ToRgb(ref byte y, ref byte u, ref byte v, in YuvToRgb matrix, ref byte red, ref byte green, ref byte blue);

    /// <summary>Converts luma alone.</summary>
    static abstract void ToGray(ref byte y, in YuvToRgb matrix, ref byte gray);

    /// <summary>
    /// Resamples a row: the dot products of pairs and weights, less their last four bits, which leaves levels with seven
    /// bits after the point.
    /// </summary>
    static abstract void Gather<TDensity>(ref byte row, GatherTables tables, nuint target, ref short destination)
        where TDensity : IDensity;

    /// <summary>
    /// Blends two resampled rows to levels 0..255, and normalises them:
    /// level = (first * weight >> 16) + (second * weight >> 16) + 2 >> 2.
    /// </summary>
    static abstract void Blend(ref short first, ref short second, BlendWeights weights, ref float destination);
}

/// <summary>How two rows of a channel become one of the tensor.</summary>
internal readonly record struct BlendWeights(short First, short Second, float Scale, float Offset);
