namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// The horizontal taps of a plane as tables for <see cref="ISimd{TVector}"/>: every target sample is the dot product of
/// two 16-bit source samples and two weights.
/// </summary>
internal sealed class RowGather
{
    /// <summary>Weights add up to 1 &lt;&lt; WeightBits.</summary>
    public const int WeightBits = 14;

    /// <summary>Floats in the widest vector: rows and tables are padded to a multiple of it.</summary>
    public const int WidestVector = 16;

    /// <summary>Target samples that share one 16-byte load where they lie close enough.</summary>
    public const int GroupSize = 4;

    /// <summary>Source samples that one such load brings.</summary>
    private const int GroupSpan = 8;

    private RowGather(int paddedCount, bool isDense)
    {
        IsDense = isDense;
        Starts = new int[isDense ? paddedCount / GroupSize : paddedCount];
        Shuffle = new byte[isDense ? 4 * paddedCount : 0];
        Weights = new short[2 * paddedCount];
    }

    /// <summary>
    /// True when every group of four fits one load (up to about 2 source samples per target sample): then
    /// <see cref="Starts"/> and <see cref="Shuffle"/> select the pairs. Else there is one start for each target sample.
    /// </summary>
    public bool IsDense { get; }

    /// <summary>Source sample at which a group (dense) or a pair begins.</summary>
    public int[] Starts { get; }

    /// <summary>Per group, 16 byte indices into the load: four pairs of samples.</summary>
    public byte[] Shuffle { get; }

    /// <summary>Pairs of weights.</summary>
    public short[] Weights { get; }

    /// <summary>Samples that a source row needs beyond its end: loads may reach so far.</summary>
    public const int SourcePadding = GroupSpan;

    /// <summary>The tables for <paramref name="taps"/>, with the last one repeated up to a multiple of <see cref="WidestVector"/>.</summary>
    public static RowGather Create(BilinearTap[] taps)
    {
        var padded = new BilinearTap[(taps.Length + WidestVector - 1) / WidestVector * WidestVector];
        taps.CopyTo(padded, 0);
        padded.AsSpan(taps.Length).Fill(taps[^1]);

        var gather = new RowGather(padded.Length, padded.Chunk(GroupSize).All(static group => group[^1].Second - group[0].First < GroupSpan));
        for (int i = 0; i < padded.Length; i++)
            gather.Set(i, padded[i], padded[i / GroupSize * GroupSize].First);
        return gather;
    }

    private void Set(int index, BilinearTap tap, int groupStart)
    {
        int second = (int)Math.Round(tap.Weight * (1 << WeightBits));
        Weights[2 * index] = (short)((1 << WeightBits) - second);
        Weights[(2 * index) + 1] = (short)second;
        if (!IsDense)
        {
            Starts[index] = tap.First;
            return;
        }

        Starts[index / GroupSize] = groupStart;
        Span<byte> pair = Shuffle.AsSpan(4 * index, 4);
        pair[0] = (byte)(2 * (tap.First - groupStart));
        pair[1] = (byte)(pair[0] + 1);
        pair[2] = (byte)(2 * (tap.Second - groupStart));
        pair[3] = (byte)(pair[2] + 1);
    }
}
