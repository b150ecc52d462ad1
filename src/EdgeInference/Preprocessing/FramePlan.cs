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

    public ChannelTransform[] Channels { get; } =
        ChannelTransform.Create(options, input.Channels, frame.Matrix, frame.Range);

    /// <summary>Which rows of the frame each row of the tensor is blended from.</summary>
    public BilinearTap[] RowTaps { get; } = BilinearTap.CreateAxis(frame.Height, input.Height ?? frame.Height);

    public RowBuffers Rows { get; } = new(frame.Width, input.Width ?? frame.Width);

    /// <summary>A finished row, one channel after another, each <see cref="RowStride"/> long.</summary>
    public float[] Row { get; } = new float[input.Channels * Stride(input.Width ?? frame.Width)];

    /// <summary>The row as bytes, laid out likewise.</summary>
    public byte[] RowBytes { get; } = new byte[input.Channels * Stride(input.Width ?? frame.Width)];

    /// <summary>The width in whole vectors: as many floats as a row pass writes.</summary>
    public int RowStride => Stride(Width);

    public bool Fits(Frame other) => FormatOf(other) == _format;

    private static int Stride(int width) =>
        (width + RowGather.WidestVector - 1) / RowGather.WidestVector * RowGather.WidestVector;

    private static (int Width, int Height, ColorMatrix Matrix, ColorRange Range) FormatOf(Frame frame) =>
        (frame.Width, frame.Height, frame.Matrix, frame.Range);
}
