using EdgeInference.Frames;
using EdgeInference.Native.Jpeg;

namespace EdgeInference.Native.Tests.Jpeg;

public sealed class TurboJpegEncoderTests
{
    private const int Subsampling420 = 2;

    private readonly FramePool _pool = new();

    public static TheoryData<ColorMatrix, ColorRange, byte, byte, byte> Colors()
    {
        TheoryData<ColorMatrix, ColorRange, byte, byte, byte> data = [];
        foreach (ColorMatrix matrix in Enum.GetValues<ColorMatrix>())
        {
            foreach (ColorRange range in Enum.GetValues<ColorRange>())
            {
                foreach ((byte r, byte g, byte b) in ((byte, byte, byte)[])
                    [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 40), (30, 90, 220)])
                    data.Add(matrix, range, r, g, b);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Colors))]
    public void Encode_FrameOfOneColor_ShowsThatColor(ColorMatrix matrix, ColorRange range, byte r, byte g, byte b)
    {
        using TurboJpegEncoder encoder = new();
        using Frame frame = Filled(48, 32, matrix, range, r, g, b);

        (int width, int height, int subsampling, byte[] rgb) = JpegDecoder.Decode(encoder.Encode(frame, 100));

        Assert.Equal((48, 32, Subsampling420), (width, height, subsampling));
        for (int i = 0; i < rgb.Length; i += 3)
        {
            Assert.InRange(rgb[i], r - 3, r + 3);
            Assert.InRange(rgb[i + 1], g - 3, g + 3);
            Assert.InRange(rgb[i + 2], b - 3, b + 3);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 9)]
    [InlineData(33, 16)]
    [InlineData(16, 35)]
    public void Encode_OddSize_KeepsSizeAndEveryEdge(int width, int height)
    {
        using TurboJpegEncoder encoder = new();
        foreach (ColorRange range in Enum.GetValues<ColorRange>())
        {
            using Frame frame = Filled(width, height, ColorMatrix.Bt709, range, 40, 180, 90);

            (int decodedWidth, int decodedHeight, _, byte[] rgb) = JpegDecoder.Decode(encoder.Encode(frame, 100));

            Assert.Equal((width, height), (decodedWidth, decodedHeight));
            for (int i = 0; i < rgb.Length; i += 3)
            {
                Assert.InRange(rgb[i], 37, 43);
                Assert.InRange(rgb[i + 1], 177, 183);
                Assert.InRange(rgb[i + 2], 87, 93);
            }
        }
    }

    [Fact]
    public void Encode_FourPatches_PutsEachWhereItWas()
    {
        using TurboJpegEncoder encoder = new();
        using Frame frame = _pool.Rent(64, 64);
        frame.Matrix = ColorMatrix.Bt709;
        frame.Range = ColorRange.Limited;
        (byte R, byte G, byte B)[] patches = [(250, 20, 20), (20, 250, 20), (20, 20, 250), (230, 230, 30)];
        for (int i = 0; i < patches.Length; i++)
            Fill(frame, i % 2 * 32, i / 2 * 32, 32, 32, patches[i].R, patches[i].G, patches[i].B);

        byte[] rgb = JpegDecoder.Decode(encoder.Encode(frame, 100)).Rgb;

        for (int i = 0; i < patches.Length; i++)
        {
            int center = (((((i / 2 * 32) + 16) * 64) + (i % 2 * 32) + 16) * 3);
            Assert.InRange(rgb[center], patches[i].R - 3, patches[i].R + 3);
            Assert.InRange(rgb[center + 1], patches[i].G - 3, patches[i].G + 3);
            Assert.InRange(rgb[center + 2], patches[i].B - 3, patches[i].B + 3);
        }
    }

    [Theory]
    [InlineData(ColorMatrix.Bt601, ColorRange.Full)]
    [InlineData(ColorMatrix.Bt709, ColorRange.Limited)]
    public void Encode_AnyFrame_LeavesItAsItWas(ColorMatrix matrix, ColorRange range)
    {
        using TurboJpegEncoder encoder = new();
        using Frame frame = Filled(20, 10, matrix, range, 10, 100, 200);
        byte[] before = frame.Data.ToArray();

        encoder.Encode(frame, 80);

        Assert.Equal(before, frame.Data.ToArray());
    }

    [Fact]
    public void Encode_LowerQuality_GivesSmallerFile()
    {
        using TurboJpegEncoder encoder = new();
        using Frame frame = _pool.Rent(160, 120);
        new Random(7).NextBytes(frame.Data.Span);
        frame.Range = ColorRange.Full;

        int[] sizes = [.. ((int[])[1, 50, 90, 100]).Select(quality => encoder.Encode(frame, quality).Length)];

        Assert.Equal(sizes.Order(), sizes);
        Assert.Distinct(sizes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void Encode_QualityOutOfRange_Refuses(int quality)
    {
        using TurboJpegEncoder encoder = new();
        using Frame frame = Filled(2, 2, ColorMatrix.Bt601, ColorRange.Full, 0, 0, 0);

        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode(frame, quality));
    }

    [Fact]
    public void Encode_TooWide_SaysWhy()
    {
        using TurboJpegEncoder encoder = new();
        using Frame frame = Filled(65536, 1, ColorMatrix.Bt601, ColorRange.Full, 0, 0, 0);

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => encoder.Encode(frame, 80));

        Assert.StartsWith("TurboJPEG: tjCompressFromYUVPlanes failed: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("65500", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_Disposed_Refuses()
    {
        TurboJpegEncoder encoder = new();
        using Frame frame = Filled(2, 2, ColorMatrix.Bt601, ColorRange.Full, 0, 0, 0);
        encoder.Encode(frame, 80);
        encoder.Dispose();
        encoder.Dispose();

        Assert.Throws<ObjectDisposedException>(() => encoder.Encode(frame, 80));
    }

    [Fact]
    public void Encode_ManyCallers_EachGetsItsOwnPicture()
    {
        using TurboJpegEncoder encoder = new();
        Parallel.For(0, 64, i =>
        {
            byte gray = (byte)(i * 3);
            using Frame frame = Filled(64 + i, 48, ColorMatrix.Bt709, ColorRange.Limited, gray, gray, gray);

            (int width, _, _, byte[] rgb) = JpegDecoder.Decode(encoder.Encode(frame, 95));

            Assert.Equal(64 + i, width);
            Assert.InRange(rgb[0], gray - 3, gray + 3);
        });
    }

    [Fact]
    public void EnsureInstalled_LibraryMissing_NamesThePackage()
    {
        DllNotFoundException exception = Assert.Throws<DllNotFoundException>(() => TurboJpeg.EnsureInstalled("libnosuchjpeg.so.0"));

        Assert.Contains("install libturbojpeg0", exception.Message, StringComparison.Ordinal);
        TurboJpeg.EnsureInstalled(TurboJpeg.Library);
    }

    private Frame Filled(int width, int height, ColorMatrix matrix, ColorRange range, byte r, byte g, byte b)
    {
        Frame frame = _pool.Rent(width, height);
        frame.Matrix = matrix;
        frame.Range = range;
        Fill(frame, 0, 0, width, height, r, g, b);
        return frame;
    }

    private static void Fill(Frame frame, int left, int top, int width, int height, byte r, byte g, byte b)
    {
        (byte y, byte u, byte v) = ToYuv(frame.Matrix, frame.Range, r / 255.0, g / 255.0, b / 255.0);
        for (int row = top; row < top + height; row++)
            frame.Y.Slice((row * frame.Width) + left, width).Fill(y);
        for (int row = top / 2; row < (top + height + 1) / 2; row++)
        {
            frame.U.Slice((row * frame.ChromaWidth) + (left / 2), (width + 1) / 2).Fill(u);
            frame.V.Slice((row * frame.ChromaWidth) + (left / 2), (width + 1) / 2).Fill(v);
        }
    }

    /// <summary>The equations as ITU-R BT.601 and BT.709 print them, with their rounded divisors.</summary>
    private static (byte Y, byte U, byte V) ToYuv(ColorMatrix matrix, ColorRange range, double r, double g, double b)
    {
        (double y, double u, double v) = matrix == ColorMatrix.Bt601
            ? ((0.299 * r) + (0.587 * g) + (0.114 * b), ((-0.299 * r) - (0.587 * g) + (0.886 * b)) / 1.772, ((0.701 * r) - (0.587 * g) - (0.114 * b)) / 1.402)
            : ((0.2126 * r) + (0.7152 * g) + (0.0722 * b), ((-0.2126 * r) - (0.7152 * g) + (0.9278 * b)) / 1.8556, ((0.7874 * r) - (0.7152 * g) - (0.0722 * b)) / 1.5748);
        return range == ColorRange.Limited
            ? ((byte)Math.Round((219 * y) + 16), (byte)Math.Round((224 * u) + 128), (byte)Math.Round((224 * v) + 128))
            : ((byte)Math.Round(255 * y), Saturated((255 * u) + 128), Saturated((255 * v) + 128));
    }

    private static byte Saturated(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}
