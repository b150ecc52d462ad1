using EdgeInference.Frames;

namespace EdgeInference.Annotation;

/// <summary>A colour in the matrix and range of the frame it is drawn on.</summary>
internal readonly record struct YuvColor(byte Y, byte U, byte V)
{
    /// <summary>From gamma-corrected R'G'B' of 8 bits, by the equations of ITU-R BT.601 and BT.709.</summary>
    public static YuvColor From(RgbColor color, ColorMatrix matrix, ColorRange range)
    {
        double blue = color.B / 255.0, red = color.R / 255.0;
        (double weightOfRed, double weightOfBlue) = Weights(matrix);
        double luma = color.Luma(matrix);
        double cb = (blue - luma) / (2 * (1 - weightOfBlue)), cr = (red - luma) / (2 * (1 - weightOfRed));
        return range == ColorRange.Full
            ? new YuvColor(Byte(255 * luma), Byte(128 + (255 * cb)), Byte(128 + (255 * cr)))
            : new YuvColor(Byte(16 + (219 * luma)), Byte(128 + (224 * cb)), Byte(128 + (224 * cr)));
    }

    internal static (double Red, double Blue) Weights(ColorMatrix matrix) =>
        matrix == ColorMatrix.Bt709 ? (0.2126, 0.0722) : (0.299, 0.114);

    private static byte Byte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}

/// <summary>A gamma-corrected colour of 8 bits a channel.</summary>
internal readonly record struct RgbColor(byte R, byte G, byte B)
{
    public static RgbColor White { get; } = new(255, 255, 255);

    public static RgbColor Black { get; } = new(0, 0, 0);

    /// <summary>0 for black to 1 for white.</summary>
    public double Luma(ColorMatrix matrix)
    {
        (double red, double blue) = YuvColor.Weights(matrix);
        return ((red * R) + ((1 - red - blue) * G) + (blue * B)) / 255;
    }
}

/// <summary>The colours of classes: well apart in hue for neighbouring numbers, and the ink that reads well on each.</summary>
internal static class Palette
{
    private static readonly RgbColor[] Colors =
    [
        new(0xFF, 0x6B, 0x35), // orange
        new(0x21, 0xD0, 0x7A), // green
        new(0x3D, 0x9B, 0xFF), // azure
        new(0xFF, 0xD2, 0x3F), // yellow
        new(0xE9, 0x4B, 0xA8), // magenta
        new(0x22, 0xD3, 0xEE), // cyan
        new(0xF0, 0x3A, 0x47), // red
        new(0xA6, 0xE2, 0x2E), // lime
        new(0x8F, 0x6B, 0xFF), // violet
        new(0xFF, 0xA9, 0xC6), // pink
        new(0x12, 0x9C, 0x90), // teal
        new(0xC9, 0x8A, 0x4B), // ochre
    ];

    /// <summary>The same colour for a class on every frame; classes share one when there are more than colours.</summary>
    public static RgbColor ForClass(int classId) => Colors[(int)((uint)classId % (uint)Colors.Length)];

    /// <summary>Black or white, whichever stands out from the background.</summary>
    public static RgbColor InkOn(RgbColor background) =>
        background.Luma(ColorMatrix.Bt709) > 0.45 ? RgbColor.Black : RgbColor.White;
}
