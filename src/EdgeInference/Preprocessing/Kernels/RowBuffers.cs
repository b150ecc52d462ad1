namespace EdgeInference.Preprocessing.Kernels;

/// <summary>One vertically blended row of each plane, and how it is resampled horizontally to the tensor's width.</summary>
internal sealed class RowBuffers
{
    /// <summary>Bits after the point of a sample in a row and, after gathering, of its product with the weights.</summary>
    public const int SampleBits = 7;
    public const int GatheredBits = SampleBits + RowGather.WeightBits;

    public RowBuffers(int frameWidth, int targetWidth)
    {
        BilinearTap[] taps = BilinearTap.CreateAxis(frameWidth, targetWidth);
        LumaGather = RowGather.Create(taps);
        ChromaGather = RowGather.Create(Array.ConvertAll(taps, static tap => tap.ToChroma()));
        Luma = new short[frameWidth + RowGather.SourcePadding];
        int chromaWidth = (frameWidth + 1) / 2;
        U = new short[chromaWidth + RowGather.SourcePadding];
        V = new short[chromaWidth + RowGather.SourcePadding];
    }

    public RowGather LumaGather { get; }

    public RowGather ChromaGather { get; }

    public short[] Luma { get; }

    public short[] U { get; }

    public short[] V { get; }
}
