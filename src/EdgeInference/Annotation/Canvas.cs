using EdgeInference.Frames;

namespace EdgeInference.Annotation;

/// <summary>Draws on the planes of a frame; what lies outside of it is left out.</summary>
internal sealed class Canvas(Frame frame)
{
    public const int Opaque = 256;

    public int Width => frame.Width;

    public int Height => frame.Height;

    public YuvColor Color(RgbColor color) => YuvColor.From(color, frame.Matrix, frame.Range);

    /// <summary>Fills a rectangle, mixing with the picture below <see cref="Opaque"/>.</summary>
    /// <param name="area">Even edges, or those of the frame: chroma is shared by two by two pixels.</param>
    /// <param name="color">The colour.</param>
    /// <param name="opacity">0 (nothing) to <see cref="Opaque"/>.</param>
    public void Fill(PixelRect area, YuvColor color, int opacity = Opaque)
    {
        PixelRect clipped = area.Clip(Width, Height);
        if (clipped.IsEmpty)
            return;
        var chroma = new PixelRect(clipped.Left / 2, clipped.Top / 2, (clipped.Right + 1) / 2, (clipped.Bottom + 1) / 2);
        FillPlane(frame.Y, Width, clipped, color.Y, opacity);
        FillPlane(frame.U, frame.ChromaWidth, chroma, color.U, opacity);
        FillPlane(frame.V, frame.ChromaWidth, chroma, color.V, opacity);
    }

    /// <summary>A frame of lines inside the rectangle's edges.</summary>
    public void Outline(PixelRect area, int lineWidth, YuvColor color)
    {
        Fill(area with { Bottom = Math.Min(area.Top + lineWidth, area.Bottom) }, color);
        Fill(area with { Top = Math.Max(PixelRect.EvenBelow(area.Bottom - lineWidth), area.Top) }, color);
        Fill(area with { Right = Math.Min(area.Left + lineWidth, area.Right) }, color);
        Fill(area with { Left = Math.Max(PixelRect.EvenBelow(area.Right - lineWidth), area.Left) }, color);
    }

    /// <summary>Puts ink where the glyph covers the picture; its upper left corner comes to (x, y).</summary>
    public void Blend(GlyphImage glyph, int x, int y, YuvColor ink)
    {
        PixelRect area = new PixelRect(x, y, x + glyph.Width, y + glyph.Height).Clip(Width, Height);
        if (area.IsEmpty)
            return;
        Span<byte> luma = frame.Y, u = frame.U, v = frame.V;
        for (int row = area.Top; row < area.Bottom; row++)
        {
            Span<byte> line = luma.Slice((row * Width) + area.Left, area.Width);
            ReadOnlySpan<byte> coverage = glyph.Row(row - y).Slice(area.Left - x, area.Width);
            for (int i = 0; i < line.Length; i++)
                Mix(ref line[i], ink.Y, coverage[i], 255);
        }

        for (int row = area.Top / 2; row <= (area.Bottom - 1) / 2; row++)
        {
            for (int column = area.Left / 2; column <= (area.Right - 1) / 2; column++)
            {
                int left = (2 * column) - x, top = (2 * row) - y;
                int covered = glyph[left, top] + glyph[left + 1, top] + glyph[left, top + 1] + glyph[left + 1, top + 1];
                int sample = (row * frame.ChromaWidth) + column;
                Mix(ref u[sample], ink.U, covered, 4 * 255);
                Mix(ref v[sample], ink.V, covered, 4 * 255);
            }
        }
    }

    private static void FillPlane(Span<byte> plane, int stride, PixelRect area, byte value, int opacity)
    {
        for (int row = area.Top; row < area.Bottom; row++)
        {
            Span<byte> line = plane.Slice((row * stride) + area.Left, area.Width);
            if (opacity == Opaque)
            {
                line.Fill(value);
                continue;
            }

            foreach (ref byte sample in line)
                Mix(ref sample, value, opacity, Opaque);
        }
    }

    private static void Mix(ref byte sample, byte value, int part, int whole) =>
        sample = (byte)(sample + ((value - sample) * part / whole));
}

/// <summary>A rectangle of pixels; right and bottom are the first that do not belong to it.</summary>
internal readonly record struct PixelRect(int Left, int Top, int Right, int Bottom)
{
    public int Width => Right - Left;

    public int Height => Bottom - Top;

    public bool IsEmpty => Right <= Left || Bottom <= Top;

    public static int EvenBelow(int value) => value & ~1;

    public static int EvenAbove(int value) => (value + 1) & ~1;

    public static PixelRect At(int left, int top, int width, int height) => new(left, top, left + width, top + height);

    public bool Overlaps(PixelRect other) =>
        Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

    public PixelRect Clip(int width, int height) =>
        new(Math.Clamp(Left, 0, width), Math.Clamp(Top, 0, height), Math.Clamp(Right, 0, width), Math.Clamp(Bottom, 0, height));
}
