using EdgeInference.Frames;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// The inverse of ITU-R BT.601 or BT.709's Y'CbCr for 8-bit samples, as 16-bit fixed point the way FFmpeg's swscale has
/// it on x86, and with it OpenCV's video capture: each term is (8 * (sample - black)) * factor >> 16, rounded down, and
/// the sum is clipped to 0..255. Results equal swscale's bit by bit, a level below exact arithmetic on average.
/// Black is the luma sample that means 0; factors are 1 &lt;&lt; 13 for 1.
/// </summary>
internal readonly record struct YuvToRgb(short Black, short Luma, short RedOfV, short GreenOfU, short GreenOfV, short BlueOfU)
{
    public const int SampleShift = 3;
    public const int FactorShift = 16;
    public const short Gray = 128;

    public static YuvToRgb Create(ColorMatrix matrix, ColorRange range)
    {
        (double red, double blue) = matrix == ColorMatrix.Bt709 ? (0.2126, 0.0722) : (0.299, 0.114);
        double green = 1 - red - blue;
        (double luma, double chroma, short black) = range == ColorRange.Full ? (1.0, 1.0, (short)0) : (255.0 / 219, 255.0 / 224, (short)16);
        double redOfV = 2 * (1 - red) * chroma;
        double blueOfU = 2 * (1 - blue) * chroma;
        return new(black, Fixed(luma), Fixed(redOfV), Fixed(-blueOfU * blue / green), Fixed(-redOfV * red / green), Fixed(blueOfU));

        static short Fixed(double factor) => (short)Math.Round(factor * (1 << (FactorShift - SampleShift)));
    }

    /// <summary>The term of one sample, as the vector kernels compute it.</summary>
    public static int Term(byte sample, short black, short factor) => (((sample - black) << SampleShift) * factor) >> FactorShift;
}
