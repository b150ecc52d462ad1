using EdgeInference.Frames;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// The inverse of ITU-R BT.601 or BT.709's Y'CbCr for 8-bit samples, giving full-range levels 0..255 (not clipped).
/// </summary>
internal readonly record struct YuvToRgb(YuvToRgb.Row Red, YuvToRgb.Row Green, YuvToRgb.Row Blue, YuvToRgb.Row Gray)
{
    public static YuvToRgb Create(ColorMatrix matrix, ColorRange range)
    {
        (double red, double blue) = matrix == ColorMatrix.Bt709 ? (0.2126, 0.0722) : (0.299, 0.114);
        double green = 1 - red - blue;
        (double lumaGain, double chromaGain, double black) = range == ColorRange.Full ? (1.0, 1.0, 0) : (255.0 / 219, 255.0 / 224, 16);
        double redOfV = 2 * (1 - red) * chromaGain;
        double blueOfU = 2 * (1 - blue) * chromaGain;
        return new(
            Line(0, redOfV),
            Line(-blueOfU * blue / green, -redOfV * red / green),
            Line(blueOfU, 0),
            Line(0, 0));

        Row Line(double u, double v) => new(lumaGain, u, v, (-lumaGain * black) - (128 * (u + v)));
    }

    /// <summary>Y * y + U * u + V * v + Offset, of samples 0..255.</summary>
    internal readonly record struct Row(double Y, double U, double V, double Offset);
}
