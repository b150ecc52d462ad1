using EdgeInference.Frames;

namespace EdgeInference.Native.Jpeg;

/// <summary>
/// Converts YUV planes to the only kind that a JFIF file may hold: BT.601 in full range (ITU-T T.871).
/// </summary>
/// <remarks>
/// With Y in 0..1 and Cb, Cr in -0.5..0.5, both matrices read R = Y + 2(1-Kr)Cr, B = Y + 2(1-Kb)Cb and
/// Y = Kr R + Kg G + Kb B. Going from one to the other leaves grey as it is, hence the form of <see cref="Convert"/>:
/// only chroma adds to luma. Sums have 16 fractional bits.
/// </remarks>
internal sealed class JfifColors
{
    private const int FractionBits = 16;
    private const int Half = 1 << (FractionBits - 1);
    private const int ChromaZero = 128;

    private readonly int _lumaZero;
    private readonly int _luma;
    private readonly int _cbToLuma;
    private readonly int _crToLuma;
    private readonly int _cbToCb;
    private readonly int _crToCb;
    private readonly int _cbToCr;
    private readonly int _crToCr;

    public JfifColors(ColorMatrix matrix, ColorRange range)
    {
        (double kr, double kb) = matrix == ColorMatrix.Bt709 ? (0.2126, 0.0722) : (0.299, 0.114);
        double kg = 1 - kr - kb;
        double lumaScale = range == ColorRange.Limited ? 255.0 / 219 : 1;
        double chromaScale = range == ColorRange.Limited ? 255.0 / 224 : 1;

        // What Cb and Cr of the source add to R, G and B ...
        (double R, double G, double B) cb = (0, -2 * (1 - kb) * kb / kg, 2 * (1 - kb));
        (double R, double G, double B) cr = (2 * (1 - kr), -2 * (1 - kr) * kr / kg, 0);

        // ... and from there to Y, Cb and Cr of the target.
        static (double Y, double Cb, double Cr) Target((double R, double G, double B) rgb)
        {
            double y = (0.299 * rgb.R) + (0.587 * rgb.G) + (0.114 * rgb.B);
            return (y, (rgb.B - y) / 1.772, (rgb.R - y) / 1.402);
        }

        _lumaZero = range == ColorRange.Limited ? 16 : 0;
        _luma = Fixed(lumaScale);
        (_cbToLuma, _cbToCb, _cbToCr) = Scaled(Target(cb), chromaScale);
        (_crToLuma, _crToCb, _crToCr) = Scaled(Target(cr), chromaScale);
    }

    /// <summary>Writes the frame's planes, converted, to planes of the same sizes.</summary>
    public void Convert(Frame frame, Span<byte> y, Span<byte> u, Span<byte> v)
    {
        ConvertLuma(frame, y);
        ReadOnlySpan<byte> frameU = frame.U;
        ReadOnlySpan<byte> frameV = frame.V;
        for (int i = 0; i < frameU.Length; i++)
        {
            int cb = frameU[i] - ChromaZero;
            int cr = frameV[i] - ChromaZero;
            u[i] = ToByte((ChromaZero << FractionBits) + (_cbToCb * cb) + (_crToCb * cr));
            v[i] = ToByte((ChromaZero << FractionBits) + (_cbToCr * cb) + (_crToCr * cr));
        }
    }

    private void ConvertLuma(Frame frame, Span<byte> y)
    {
        for (int row = 0; row < frame.Height; row++)
        {
            ReadOnlySpan<byte> source = frame.Y.Slice(row * frame.Width, frame.Width);
            ReadOnlySpan<byte> u = frame.U.Slice(row / 2 * frame.ChromaWidth, frame.ChromaWidth);
            ReadOnlySpan<byte> v = frame.V.Slice(row / 2 * frame.ChromaWidth, frame.ChromaWidth);
            Span<byte> target = y.Slice(row * frame.Width, frame.Width);
            for (int i = 0; i < u.Length; i++)
            {
                int sum = (_cbToLuma * (u[i] - ChromaZero)) + (_crToLuma * (v[i] - ChromaZero)) - (_luma * _lumaZero);
                int x = 2 * i;
                target[x] = ToByte(sum + (_luma * source[x]));
                if (++x < source.Length)
                    target[x] = ToByte(sum + (_luma * source[x]));
            }
        }
    }

    private static (int Y, int Cb, int Cr) Scaled((double Y, double Cb, double Cr) target, double scale) =>
        (Fixed(target.Y * scale), Fixed(target.Cb * scale), Fixed(target.Cr * scale));

    private static int Fixed(double value) => (int)Math.Round(value * (1 << FractionBits));

    private static byte ToByte(int sum) => (byte)Math.Clamp((sum + Half) >> FractionBits, 0, 255);
}
