namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// The two rows of a frame that a row of the tensor lies between, converted and resampled to the tensor's width. Rows
/// follow each other, so each is made once as long as the frame is not reduced to less than half its height.
/// </summary>
internal sealed class SourceRows
{
    private readonly Slot[] _slots;

    public SourceRows(int frameWidth, int targetWidth, int channels)
    {
        Gather = RowGather.Create(BilinearTap.CreateAxis(frameWidth, targetWidth));
        Levels = [.. Enumerable.Range(0, channels).Select(_ => new byte[frameWidth + RowGather.SourcePadding])];
        _slots = [new Slot(channels, targetWidth), new Slot(channels, targetWidth)];
    }

    public RowGather Gather { get; }

    /// <summary>For each channel of the tensor, the row that was converted last, at the frame's width.</summary>
    public byte[][] Levels { get; }

    /// <summary>Forgets the rows of the frame before.</summary>
    public void Clear()
    {
        foreach (Slot slot in _slots)
            slot.Row = -1;
    }

    /// <summary>The slot of a row; the rows beside it have the other one.</summary>
    public Slot this[int row] => _slots[row % 2];

    internal sealed class Slot(int channels, int targetWidth)
    {
        /// <summary>The frame's row that is held, or -1.</summary>
        public int Row { get; set; } = -1;

        /// <summary>The resampled channels.</summary>
        public short[][] Channels { get; } = [.. Enumerable.Range(0, channels).Select(_ => new short[RowGather.Pad(targetWidth)])];
    }
}
