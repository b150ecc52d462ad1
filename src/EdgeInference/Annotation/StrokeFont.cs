namespace EdgeInference.Annotation;

/// <summary>
/// The project's own font for ASCII. A glyph is drawn in dots, as one reads it in the sheet; neighbouring dots are
/// joined by strokes of a round pen, so that it can be rendered smoothly at any size.
/// </summary>
internal static partial class StrokeFont
{
    /// <summary>Dots from the top of a capital to the baseline, both included.</summary>
    public const int CapitalRows = 7;

    /// <summary>Dots from the top of a capital to the lowest descender.</summary>
    public const int Rows = 9;

    public const char First = ' ';

    public const char Last = '~';

    private static readonly StrokeGlyph[] Glyphs = Parse();

    /// <summary>The glyph of an ASCII character, of an accented Latin letter's base, or of '?'.</summary>
    public static StrokeGlyph GlyphFor(char character) => Glyphs[IndexOf(character)];

    /// <summary>The place of the character's glyph: 0 for a blank, in the order of ASCII.</summary>
    public static int IndexOf(char character)
    {
        if (character is >= '\u00C0' and <= '\u017F')
            character = BaseLetters[character - '\u00C0'];
        return character is >= First and <= Last ? character - First : '?' - First;
    }

    private static StrokeGlyph[] Parse()
    {
        var glyphs = new List<StrokeGlyph>();
        foreach (string band in Sheet.ReplaceLineEndings("\n").Split("\n\n"))
        {
            string[][] lines = [.. band.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
            for (int i = 0; i < lines[0].Length; i++)
                glyphs.Add(new StrokeGlyph([.. lines.Select(line => line[i])]));
        }

        return [.. glyphs];
    }
}

/// <summary>A glyph as strokes between dots of a grid.</summary>
internal sealed class StrokeGlyph
{
    private readonly List<Stroke> _strokes = [];

    /// <param name="rows">The grid from the top: '#' is a dot.</param>
    public StrokeGlyph(string[] rows)
    {
        Columns = rows[0].Length;
        for (int y = 0; y < rows.Length; y++)
        {
            for (int x = 0; x < Columns; x++)
            {
                if (IsDot(rows, x, y))
                    Join(rows, x, y);
            }
        }
    }

    /// <summary>Width of the grid in dots.</summary>
    public int Columns { get; }

    public IReadOnlyList<Stroke> Strokes => _strokes;

    /// <summary>Strokes to the neighbours right and below; diagonal ones where no straight way joins the two.</summary>
    private void Join(string[] rows, int x, int y)
    {
        bool left = IsDot(rows, x - 1, y), right = IsDot(rows, x + 1, y), below = IsDot(rows, x, y + 1);
        _strokes.Add(new Stroke(x, y, x, y));
        if (right)
            _strokes.Add(new Stroke(x, y, x + 1, y));
        if (below)
            _strokes.Add(new Stroke(x, y, x, y + 1));
        if (!right && !below && IsDot(rows, x + 1, y + 1))
            _strokes.Add(new Stroke(x, y, x + 1, y + 1));
        if (!left && !below && IsDot(rows, x - 1, y + 1))
            _strokes.Add(new Stroke(x, y, x - 1, y + 1));
    }

    private static bool IsDot(string[] rows, int x, int y) =>
        y < rows.Length && x >= 0 && x < rows[y].Length && rows[y][x] == '#';
}

/// <summary>A line between two dots, or one dot.</summary>
internal readonly record struct Stroke(int X0, int Y0, int X1, int Y1);
