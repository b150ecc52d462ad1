using EdgeInference.Frames;
using EdgeInference.Preprocessing.Kernels;

namespace EdgeInference.Preprocessing;

/// <summary>What can be computed ahead for frames of one size and colour space, with the buffers for a row.</summary>
internal sealed class FramePlan(ImageInput input, PreprocessingOptions options, Frame frame)
{
    private readonly (int Width, int Height, ColorMatrix Matrix, ColorRange Range) _format = FormatOf(frame);

    public ImageInput Input { get; } = input;

    public int Width { get; } = input.Width ?? frame.Width;

    public int Height { get; } = input.Height ?? frame.Height;

    public YuvToRgb Matrix { get; } = YuvToRgb.Create(frame.Matrix, frame.Range);

    /// <summary>The channel of the tensor that is red; blue is the other end.</summary>
    public int RedChannel { get; } = options.ColorOrder == ColorOrder.Rgb ? 0 : 2;

    public Normalization[] Normalizations { get; } =
        [.. Enumerable.Range(0, input.Channels).Select(channel => Normalization.Create(options, channel))];

    /// <summary>Which rows of the frame each row of the tensor is blended from.</summary>
    public BilinearTap[] RowTaps { get; } = BilinearTap.CreateAxis(frame.Height, input.Height ?? frame.Height);

    public SourceRows Rows { get; } = new(frame.Width, input.Width ?? frame.Width, input.Channels);

    /// <summary>A finished row, one channel after another, each <see cref="RowStride"/> long.</summary>
    public float[] Row { get; } = new float[input.Channels * RowGather.Pad(input.Width ?? frame.Width)];

    /// <summary>The row as bytes, laid out likewise.</summary>
    public byte[] RowBytes { get; } = new byte[input.Channels * RowGather.Pad(input.Width ?? frame.Width)];

    /// <summary>The width in whole vectors: as many floats as a row pass writes.</summary>
    public int RowStride => RowGather.Pad(Width);

    public bool Fits(Frame other) => FormatOf(other) == _format;

    private static (int Width, int Height, ColorMatrix Matrix, ColorRange Range) FormatOf(Frame frame) =>
        (frame.Width, frame.Height, frame.Matrix, frame.Range);
}
