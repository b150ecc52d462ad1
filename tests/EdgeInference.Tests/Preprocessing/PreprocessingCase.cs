using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeInference.Tests.Preprocessing;

/// <summary>A random frame size, input and set of options.</summary>
public sealed record PreprocessingCase(
    int FrameWidth,
    int FrameHeight,
    ColorMatrix Matrix,
    ColorRange Range,
    int Channels,
    int Width,
    int Height,
    bool IsDynamic,
    bool IsNhwc,
    TensorElementType ElementType,
    ColorOrder Order,
    int Means,
    int Scales,
    int Seed)
{
    /// <summary>The input's height and width: a dynamic one takes the frame's.</summary>
    public (int Width, int Height) Target => IsDynamic ? (FrameWidth, FrameHeight) : (Width, Height);

    public TensorInfo Input
    {
        get
        {
            (long width, long height) = IsDynamic ? (-1, -1) : (Width, Height);
            return new("data", ElementType, IsNhwc ? [1, height, width, Channels] : [1, Channels, height, width]);
        }
    }

    public PreprocessingOptions CreateOptions()
    {
        var random = new Random(Seed);
        int ofChannels = Channels == 1 ? 1 : 3;
        return new()
        {
            ColorOrder = Order,
            Layout = IsNhwc ? TensorLayout.Nhwc : TensorLayout.Nchw,
            Mean = [.. Enumerable.Range(0, Math.Min(Means, ofChannels)).Select(_ => (random.NextSingle() * 300) - 20)],
            Scale = [.. Enumerable.Range(0, Math.Min(Scales, ofChannels)).Select(_ => (random.NextSingle() * 2) - 1)],
        };
    }

    public Frame CreateFrame()
    {
        Frame frame = new FramePool().Rent(FrameWidth, FrameHeight);
        frame.Matrix = Matrix;
        frame.Range = Range;
        new Random(Seed).NextBytes(frame.Data.Span);
        return frame;
    }
}

public static class PreprocessingCases
{
    public static Arbitrary<PreprocessingCase> Case() => Arb.From(
        from frameWidth in Side
        from frameHeight in Side
        from matrix in Gen.Elements(ColorMatrix.Bt601, ColorMatrix.Bt709)
        from range in Gen.Elements(ColorRange.Limited, ColorRange.Full)
        from channels in Gen.Elements(1, 3, 3)
        from width in Side
        from height in Side
        from isDynamic in Gen.Elements(false, false, false, true)
        from isNhwc in Gen.Elements(false, true)
        from elementType in Gen.Elements(TensorElementType.Float32, TensorElementType.UInt8)
        from order in Gen.Elements(ColorOrder.Bgr, ColorOrder.Rgb)
        from means in Gen.Elements(0, 1, 3)
        from scales in Gen.Elements(0, 1, 3)
        from seed in Gen.Choose(0, int.MaxValue)
        select new PreprocessingCase(
            frameWidth, frameHeight, matrix, range, channels, width, height, isDynamic, isNhwc, elementType, order, means, scales, seed));

    /// <summary>Mostly around the vectors' widths, now and then far beyond, so that every scale occurs.</summary>
    private static Gen<int> Side => Gen.OneOf(Gen.Choose(1, 8), Gen.Choose(1, 70), Gen.Choose(100, 300));
}
