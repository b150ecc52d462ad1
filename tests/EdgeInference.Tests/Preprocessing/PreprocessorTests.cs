using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;

namespace EdgeInference.Tests.Preprocessing;

public class PreprocessorTests
{
    /// <summary>
    /// Rows of a 5 x 4 picture; the expected values below are cv2.resize(picture, (width, height)) of OpenCV 4.6.0 on
    /// uint8, bilinear.
    /// </summary>
    private static readonly byte[] Picture = [0, 255, 16, 200, 90, 40, 8, 120, 250, 3, 77, 140, 60, 30, 220, 255, 0, 128, 64, 192];

    public static TheoryData<int, int, byte[]> Resized => new()
    {
        { 5, 4, Picture },
        { 1, 1, [90] },
        { 3, 3, [76, 33, 120, 64, 90, 121, 158, 116, 150] },
        { 2, 7, [191, 172, 128, 178, 28, 187, 70, 133, 120, 79, 85, 89, 64, 96] },
        {
            8, 6,
            [
                0, 111, 240, 91, 73, 188, 138, 90,
                20, 69, 128, 88, 117, 215, 125, 47,
                46, 39, 35, 85, 142, 207, 115, 39,
                71, 91, 115, 85, 69, 67, 132, 184,
                166, 124, 72, 87, 79, 50, 136, 206,
                255, 143, 8, 88, 108, 68, 136, 192,
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Resized))]
    public void Run_GrayInput_ResizesAsOpenCvDoes(int width, int height, byte[] expected)
    {
        using Frame frame = Rent(5, 4, ColorMatrix.Bt601, ColorRange.Full);
        Picture.CopyTo(frame.Y);

        Tensor tensor = Run(frame, new(), TensorElementType.UInt8, 1, 1, height, width);

        Assert.Equal(expected, tensor.Bytes.ToArray());
    }

    /// <summary>The expected pixels are those of ffmpeg 5.1 -pix_fmt yuv420p -s 6x4 -i picture -pix_fmt bgr24 on x64.</summary>
    [Fact]
    public void Run_SameSize_ConvertsAsSwscaleDoes()
    {
        using Frame frame = Rent(6, 4, ColorMatrix.Bt601, ColorRange.Limited);
        byte[] picture =
        [
            115, 190, 190, 134, 160, 89, 60, 190, 171, 128, 174, 190, 60, 190, 159, 129, 190, 96, 60, 60, 190, 190, 81, 190,
            90, 146, 185, 181, 197, 166, 101, 189, 163, 65, 118, 60,
        ];
        picture.CopyTo(frame.Data);

        Tensor tensor = Run(frame, new(), TensorElementType.UInt8, 1, 4, 6, 3);

        byte[] expected =
        [
            38, 150, 71, 125, 237, 158, 238, 144, 255, 173, 79, 234, 255, 115, 222, 199, 33, 140,
            0, 86, 7, 125, 237, 158, 216, 122, 255, 166, 72, 227, 255, 131, 238, 255, 150, 255,
            157, 81, 0, 255, 232, 101, 255, 146, 150, 255, 111, 115, 255, 242, 93, 169, 133, 0,
            157, 81, 0, 157, 81, 0, 255, 182, 186, 255, 182, 186, 151, 115, 0, 255, 242, 93,
        ];
        Assert.Equal(expected, tensor.Bytes.ToArray());
    }

    [Theory]
    [InlineData(ColorMatrix.Bt601, ColorRange.Limited, 81, 90, 240)]
    [InlineData(ColorMatrix.Bt709, ColorRange.Limited, 63, 102, 240)]
    [InlineData(ColorMatrix.Bt601, ColorRange.Full, 76, 85, 255)]
    [InlineData(ColorMatrix.Bt709, ColorRange.Full, 54, 99, 255)]
    public void Run_Red_IsRedInEveryColorSpace(ColorMatrix matrix, ColorRange range, byte y, byte u, byte v)
    {
        using Frame frame = Rent(2, 2, matrix, range);
        frame.Y.Fill(y);
        frame.U.Fill(u);
        frame.V.Fill(v);

        float[] bgr = Run(frame, new(), TensorElementType.Float32, 1, 3, 1, 1).Elements<float>().ToArray();
        float[] rgb = Run(frame, new() { ColorOrder = ColorOrder.Rgb }, TensorElementType.Float32, 1, 3, 1, 1).Elements<float>().ToArray();

        Assert.InRange(bgr[0], 0, 2);
        Assert.InRange(bgr[1], 0, 2);
        Assert.InRange(bgr[2], 253, 255);
        Assert.Equal(bgr.Reverse(), rgb);
    }

    [Fact]
    public void Run_MeanAndScale_ApplyToTheTensorsChannels()
    {
        using Frame frame = Rent(2, 2, ColorMatrix.Bt601, ColorRange.Full);
        frame.Y.Fill(100);
        frame.U.Fill(128);
        frame.V.Fill(128);
        PreprocessingOptions options = new() { Mean = [90, 100, 120], Scale = [1, 5, 0.5f] };

        Tensor tensor = Run(frame, options, TensorElementType.Float32, 1, 3, 1, 1);

        Assert.Equal([10f, 0f, -10f], tensor.Elements<float>().ToArray().Select(static value => MathF.Round(value, 3)));
    }

    [Theory]
    [InlineData(TensorElementType.Float32, TensorLayout.Nchw)]
    [InlineData(TensorElementType.Float32, TensorLayout.Nhwc)]
    [InlineData(TensorElementType.UInt8, TensorLayout.Nchw)]
    [InlineData(TensorElementType.UInt8, TensorLayout.Nhwc)]
    public void Run_SecondFrame_AllocatesNothing(TensorElementType type, TensorLayout layout)
    {
        using Frame frame = Rent(64, 48, ColorMatrix.Bt601, ColorRange.Limited);
        var input = new TensorInfo("data", type, layout == TensorLayout.Nchw ? [1, 3, 30, 40] : [1, 30, 40, 3]);
        var preprocessor = new Preprocessor(new(), input);
        var tensor = new Tensor(type, 1);
        preprocessor.Run(frame, tensor);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            preprocessor.Run(frame, tensor);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Run_TensorOfAnotherType_IsRefused()
    {
        using Frame frame = Rent(2, 2, ColorMatrix.Bt601, ColorRange.Limited);
        var preprocessor = new Preprocessor(new(), new TensorInfo("data", TensorElementType.Float32, [1, 3, 2, 2]));

        Assert.Throws<ArgumentException>(() => preprocessor.Run(frame, new Tensor(TensorElementType.UInt8, 1, 3, 2, 2)));
    }

    private static Frame Rent(int width, int height, ColorMatrix matrix, ColorRange range)
    {
        Frame frame = new FramePool().Rent(width, height);
        frame.Matrix = matrix;
        frame.Range = range;
        return frame;
    }

    private static Tensor Run(Frame frame, PreprocessingOptions options, TensorElementType type, params long[] shape)
    {
        var tensor = new Tensor(type, 1);
        new Preprocessor(options, new TensorInfo("data", type, shape)).Run(frame, tensor);
        return tensor;
    }
}
