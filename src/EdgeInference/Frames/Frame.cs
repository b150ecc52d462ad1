namespace EdgeInference.Frames;

/// <summary>
/// One decoded picture as I420 (planar YUV 4:2:0, 8 bits, rows without padding) in pooled, pinned memory.
/// Exactly one stage owns a frame at any time; <see cref="Dispose"/> gives it back to its pool.
/// </summary>
public sealed class Frame : IDisposable
{
    private readonly FramePool _pool;
    private byte[] _buffer = [];
    private int _rented;

    internal Frame(FramePool pool) => _pool = pool;

    /// <summary>Counts the decoded frames of the source, from 1.</summary>
    public long Index { get; set; }

    /// <summary>When the frame was read from the decoder, UTC.</summary>
    public DateTimeOffset CapturedAt { get; set; }

    public int Width { get; private set; }

    public int Height { get; private set; }

    public ColorMatrix Matrix { get; set; }

    public ColorRange Range { get; set; }

    /// <summary>Samples in a row of the U or V plane: half the width, rounded up.</summary>
    public int ChromaWidth => (Width + 1) / 2;

    /// <summary>Rows of the U or V plane: half the height, rounded up.</summary>
    public int ChromaHeight => (Height + 1) / 2;

    /// <summary>The three planes one after another: Y, U, V. <see cref="SizeOf"/> bytes.</summary>
    public Memory<byte> Data => _buffer.AsMemory(0, SizeOf(Width, Height));

    public Span<byte> Y => _buffer.AsSpan(0, Width * Height);

    public Span<byte> U => _buffer.AsSpan(Width * Height, ChromaWidth * ChromaHeight);

    public Span<byte> V => _buffer.AsSpan((Width * Height) + (ChromaWidth * ChromaHeight), ChromaWidth * ChromaHeight);

    /// <summary>Bytes of an I420 picture of this size.</summary>
    public static int SizeOf(int width, int height) =>
        checked((width * height) + (2 * ((width + 1) / 2) * ((height + 1) / 2)));

    /// <summary>Gives the frame back; once for each <see cref="FramePool.Rent"/>, further calls do nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, 0) == 1)
            _pool.Return(this);
    }

    internal void Reset(int width, int height)
    {
        int size = SizeOf(width, height);
        if (_buffer.Length < size)
            _buffer = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        Width = width;
        Height = height;
        Index = 0;
        _rented = 1;
    }
}
