namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// The horizontal taps as tables for <see cref="ISimd"/>: every target sample is the dot product of two source
/// bytes and two weights.
/// </summary>
internal sealed class RowGather
{
    /// <summary>Samples in the widest step of a loop: rows and tables are padded to a multiple of it.</summary>
    public const int WidestStep = 32;

    /// <summary>Target samples that share one 16-byte load where they lie close enough.</summary>
    public const int GroupSize = 4;

    /// <summary>Bytes that a source row needs beyond its end: loads may reach so far.</summary>
    public const int SourcePadding = GroupSpan;

    private const int GroupSpan = 16;

    // Gives 0 on x64, where the top bit decides, as on Arm64, where any index out of range does.
    private const byte Zero = 0xFF;

    private RowGather(int count, bool isDense)
    {
        IsDense = isDense;
        Starts = new int[isDense ? count / GroupSize : count];
        Shuffle = new byte[isDense ? 4 * count : 0];
        Weights = new short[2 * count];
    }

    /// <summary>
    /// True when every group of four fits one load (up to 4 source samples per target sample): then
    /// <see cref="Starts"/> and <see cref="Shuffle"/> select the pairs. Else there is one start for each target sample.
    /// </summary>
    public bool IsDense { get; }

    /// <summary>Source sample at which a group (dense) or a pair begins.</summary>
    public int[] Starts { get; }

    /// <summary>Per group, 16 byte indices into the load: four pairs of samples, widened to 16 bits.</summary>
    public byte[] Shuffle { get; }

    /// <summary>Pairs of weights.</summary>
    public short[] Weights { get; }

    public static int Pad(int count) => (count + WidestStep - 1) / WidestStep * WidestStep;

    /// <summary>The tables for <paramref name="taps"/>, with the last one repeated as padding.</summary>
    public static RowGather Create(BilinearTap[] taps)
    {
        var padded = new BilinearTap[Pad(taps.Length)];
        taps.CopyTo(padded, 0);
        padded.AsSpan(taps.Length).Fill(taps[^1]);

        var gather = new RowGather(padded.Length, padded.Chunk(GroupSize).All(static group => group[^1].Second - group[0].First < GroupSpan));
        for (int i = 0; i < padded.Length; i++)
            gather.Set(i, padded[i], padded[i / GroupSize * GroupSize].First);
        return gather;
    }

    private void Set(int index, BilinearTap tap, int groupStart)
    {
        // At an edge the pair would reach beyond it, so its first sample gets all the weight.
        bool isEdge = tap.First == tap.Second;
        Weights[2 * index] = isEdge ? (short)(1 << BilinearTap.WeightBits) : tap.FirstWeight;
        Weights[(2 * index) + 1] = isEdge ? (short)0 : tap.SecondWeight;
        if (!IsDense)
        {
            Starts[index] = tap.First;
            return;
        }

        Starts[index / GroupSize] = groupStart;
        Span<byte> pair = Shuffle.AsSpan(4 * index, 4);
        pair[0] = (byte)(tap.First - groupStart);
        pair[1] = Zero;
        pair[2] = (byte)(tap.Second - groupStart);
        pair[3] = Zero;
    }
}
