namespace EdgeInference.Preprocessing.Kernels;

/// <summary>The operations that the passes over a row are written in, for one vector width.</summary>
internal interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Resamples <see cref="Width"/> target samples from <paramref name="target"/> on.</summary>
    /// <returns>Values scaled by 1 &lt;&lt; <see cref="RowGather.WeightBits"/>.</returns>
    static abstract TVector Gather<TDensity>(ref short row, GatherTables tables, nuint target)
        where TDensity : IDensity;

    static abstract TVector Broadcast(float value);

    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    static abstract TVector Clamp(TVector value, TVector min, TVector max);

    static abstract void Store(TVector value, ref float destination);

    /// <summary>
    /// Blends twice <see cref="Width"/> samples of two rows: ((first &lt;&lt; 15) + (second - first) * weight) &gt;&gt; 8,
    /// rounded, where the weight is 0..32767 for 0..1.
    /// </summary>
    static abstract void Blend(ref byte first, ref byte second, short weight, ref short destination);
}
