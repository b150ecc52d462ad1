using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;

namespace EdgeInference.Tests.Preprocessing;

public class PreprocessorTests
{
    /// <summary>
    /// Rows of a 5 x 4 picture; the expected values below are cv2.resize(picture, (width, height)) of OpenCV 4.6.0 on
    /// float32, bilinear.
    /// </summary>
    private static readonly byte[] Picture = [0, 255, 16, 200, 90, 40, 8, 120, 250, 3, 77, 140, 60, 30, 220, 255, 0, 128, 64, 192];

    public static TheoryData<int, int, float[]> Resized => new()
    {
        { 1, 1, [90f] },
        { 3, 3, [75.7222f, 33.3333f, 119.7778f, 63.6667f, 90f, 121f, 158f, 116.6667f, 150.5556f] },
        {
            2, 7,
            [
                191.25f, 172.5f, 128.6607f, 178.125f, 28.5179f, 187.125f, 70.125f, 132.875f, 119.9286f, 78.8214f, 85.3571f,
                89.3929f, 63.75f, 96f,
            ]
        },
        {
            8, 6,
            [
                0f, 111.5625f, 240.0625f, 90.6875f, 73.5f, 188.5f, 138.125f, 90f,
                20f, 68.7812f, 127.5312f, 87.8438f, 117.0625f, 215.1875f, 124.5938f, 46.5f,
                46.1667f, 39.0937f, 35f, 85f, 142.2917f, 206.875f, 115.3646f, 39.1667f,
                70.8333f, 91.4688f, 115f, 85f, 68.9583f, 66.875f, 132.5729f, 183.8333f,
                166f, 124f, 71.5f, 86.5f, 79.3125f, 49.9375f, 136.4375f, 206f,
                255f, 143.4375f, 8f, 88f, 108f, 68f, 136f, 192f,
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Resized))]
    public void Run_GrayInput_ResizesAsOpenCvDoes(int width, int height, float[] expected)
    {
        using Frame frame = Rent(5, 4, ColorMatrix.Bt601, ColorRange.Full);
        Picture.CopyTo(frame.Y);

        Tensor tensor = Run(frame, new(), TensorElementType.Float32, 1, 1, height, width);

        Assert.All(expected.Zip(tensor.Elements<float>().ToArray()), static pair => Assert.Equal(pair.First, pair.Second, 0.013f));
    }

    /// <summary>The expected pixels are cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420) of OpenCV 4.6.0.</summary>
    [Fact]
    public void Run_SameSize_ConvertsAsOpenCvDoes()
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
            39, 152, 72, 126, 239, 159, 239, 146, 255, 174, 81, 235, 255, 117, 223, 200, 34, 141, 0, 88, 8, 126, 239, 159,
            217, 124, 255, 167, 74, 228, 255, 133, 240, 255, 152, 255, 158, 82, 0, 255, 233, 102, 255, 148, 150, 255, 113,
            116, 255, 243, 94, 170, 134, 0, 158, 82, 0, 158, 82, 0, 255, 184, 187, 255, 184, 187, 152, 116, 0, 255, 243, 94,
        ];
        Assert.All(expected.Zip(tensor.Bytes.ToArray()), static pair => Assert.InRange(pair.Second, pair.First - 1, pair.First + 1));
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
