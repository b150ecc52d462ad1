using System.Text;

namespace EdgeInference.Functions;

/// <summary>
/// Names for a model's class numbers, from a JSON file: <c>{"0":"name", …}</c>, or for a model with several outputs
/// one such object for each: <c>{"color":{"0":"white"},"type":{…}}</c>.
/// </summary>
/// <remarks>
/// Names are unique: one that an earlier class has, or that is another class's number, gets <c> (#number)</c>.
/// Control, format and unpaired surrogate characters are replaced by U+FFFD, so that a name is safe in logs.
/// </remarks>
public sealed class LabelMap
{
    /// <summary>The largest file that is read.</summary>
    public const int MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>The most names in a file.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>The longest name, in UTF-16 units.</summary>
    public const int MaxNameLength = 256;

    private readonly ClassNames? _common;
    private readonly IReadOnlyDictionary<string, ClassNames> _byOutput;

    internal LabelMap(string? path, ClassNames? common, IReadOnlyDictionary<string, ClassNames> byOutput)
    {
        Path = path;
        _common = common;
        _byOutput = byOutput;
    }

    /// <summary>A map without names: every class is called by its number.</summary>
    public static LabelMap Empty { get; } =
        new(path: null, new ClassNames(new Dictionary<int, string>()), new Dictionary<string, ClassNames>(StringComparer.Ordinal));

    /// <summary>The file it was read from; null for <see cref="Empty"/>.</summary>
    public string? Path { get; }

    /// <summary>The outputs that the file has an object for; none when it holds names only.</summary>
    public IEnumerable<string> Outputs => _byOutput.Keys;

    /// <exception cref="LabelMapException">The file cannot be read or is not a label map; the message names file and line.</exception>
    public static LabelMap Read(string path)
    {
        byte[] json;
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > MaxFileBytes)
                throw new LabelMapException($"Label map '{path}' has {file.Length} bytes; at most {MaxFileBytes} are read.");
            json = new byte[(int)file.Length];
            file.ReadExactly(json);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new LabelMapException($"Label map '{path}' cannot be read: {e.Message}", e);
        }

        return new LabelMapParser(path, json).Parse();
    }

    /// <summary>The name of a class, or its number as text where the map has none.</summary>
    /// <param name="output">The model's output, for a map with one object per output; null for one without.</param>
    /// <param name="classId">The class number.</param>
    public string GetName(string? output, int classId) => For(output)[classId];

    /// <summary>The names for one output: its own object, or in a file without such objects, all.</summary>
    internal ClassNames For(string? output)
    {
        if (_common is not null)
            return _common;
        return output is not null && _byOutput.TryGetValue(output, out ClassNames? names) ? names : Empty._common!;
    }

    /// <summary>A name as it may be shown: no characters that act on a terminal or cannot be encoded.</summary>
    internal static string Sanitize(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (Rune rune in name.EnumerateRunes())
        {
            bool shown = !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) is not (
                System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator);
            text.Append(shown ? rune : Rune.ReplacementChar);
        }

        return text.ToString();
    }
}

/// <summary>A label map that cannot be used. The message names the file, the line where there is one, and what is expected.</summary>
public sealed class LabelMapException : Exception
{
    public LabelMapException(string message)
        : base(message)
    {
    }

    public LabelMapException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
