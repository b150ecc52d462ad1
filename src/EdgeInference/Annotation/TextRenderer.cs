namespace EdgeInference.Annotation;

/// <summary>Writes lines of text in one size. Keeps the glyphs it has rendered; used by one caller at a time.</summary>
internal sealed class TextRenderer
{
    private readonly GlyphImage?[] _images = new GlyphImage?[StrokeFont.Last - StrokeFont.First + 1];
    private readonly double _pitch;
    private readonly int _pen;

    /// <param name="pitch">Pixels from one dot of the font's grid to the next, at least 1.</param>
    public TextRenderer(double pitch)
    {
        _pitch = pitch;
        _pen = Math.Max(1, (int)Math.Round(pitch * 0.97));
    }

    public double Pitch => _pitch;

    /// <summary>Pixels from the top of a capital to the baseline.</summary>
    public int CapitalHeight => At(StrokeFont.CapitalRows - 1) + _pen;

    /// <summary>Pixels that a descender reaches below the baseline.</summary>
    public int Descent => At(StrokeFont.Rows - 1) - At(StrokeFont.CapitalRows - 1);

    /// <summary>Width in pixels.</summary>
    public int Measure(string text)
    {
        int width = 0;
        foreach (char character in text)
            width += Advance(character);
        return Math.Max(0, width - Gap);
    }

    /// <summary>The text, or as much of it as fits with two dots at its end.</summary>
    public string Shorten(string text, int width)
    {
        if (Measure(text) <= width)
            return text;
        int length = text.Length - 1;
        while (length > 0 && Measure(text[..length] + "..") > width)
            length--;
        return text[..length] + "..";
    }

    /// <param name="canvas">Where to write.</param>
    /// <param name="text">One line.</param>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Top of the capitals.</param>
    /// <param name="ink">Colour of the letters.</param>
    public void Write(Canvas canvas, string text, int x, int y, YuvColor ink)
    {
        foreach (char character in text)
        {
            GlyphImage image = _images[StrokeFont.IndexOf(character)] ??= Render(StrokeFont.GlyphFor(character));
            canvas.Blend(image, x, y, ink);
            x += Advance(character);
        }
    }

    private int Gap => At(2) - _pen;

    private int Advance(char character) => At(StrokeFont.GlyphFor(character).Columns - 1) + _pen + Gap;

    /// <summary>Where a column or row of dots begins: on whole pixels, so that straight strokes are sharp.</summary>
    private int At(int dot) => (int)Math.Round(dot * _pitch, MidpointRounding.AwayFromZero);

    private GlyphImage Render(StrokeGlyph glyph)
    {
        var image = new GlyphImage(At(glyph.Columns - 1) + _pen, At(StrokeFont.Rows - 1) + _pen);
        foreach (Stroke stroke in glyph.Strokes)
            image.Draw(Center(stroke.X0), Center(stroke.Y0), Center(stroke.X1), Center(stroke.Y1), _pen);
        return image;
    }

    private double Center(int dot) => At(dot) + (_pen / 2.0);
}

/// <summary>How much of each pixel a glyph covers, 0 to 255.</summary>
internal sealed class GlyphImage(int width, int height)
{
    private readonly byte[] _coverage = new byte[width * height];

    public int Width => width;

    public int Height => height;

    public byte this[int x, int y] => (uint)x < (uint)width && (uint)y < (uint)height ? _coverage[(y * width) + x] : (byte)0;

    public ReadOnlySpan<byte> Row(int y) => _coverage.AsSpan(y * width, width);

    /// <summary>A stroke with a round pen, from centre to centre; coverage falls off over the pixel at its rim.</summary>
    public void Draw(double x0, double y0, double x1, double y1, double pen)
    {
        double dx = x1 - x0, dy = y1 - y0, length2 = (dx * dx) + (dy * dy);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double px = x + 0.5 - x0, py = y + 0.5 - y0;
                double along = length2 > 0 ? Math.Clamp(((px * dx) + (py * dy)) / length2, 0, 1) : 0;
                double distance = double.Hypot(px - (along * dx), py - (along * dy));
                double coverage = Math.Clamp((pen / 2) + 0.5 - distance, 0, 1);
                ref byte pixel = ref _coverage[(y * width) + x];
                pixel = Math.Max(pixel, (byte)Math.Round(255 * coverage));
            }
        }
    }
}
