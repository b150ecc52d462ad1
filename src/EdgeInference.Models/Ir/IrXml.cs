using System.Globalization;
using System.Text;
using System.Xml;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>Walks the elements of an .xml, of which it holds one at a time.</summary>
internal sealed class IrXml : IDisposable
{
    private const int LongestShared = 32;
    private const int MostShared = 1 << 12;

    private readonly XmlReader _reader;

    /// <summary>Short values that come again and again: types, versions, "1,1".</summary>
    private readonly HashSet<string> _shared = new(StringComparer.Ordinal);

    private IrXml(XmlReader reader) => _reader = reader;

    /// <summary>The name of the element that the reader stands on.</summary>
    public string Name => _reader.LocalName;

    public int Depth => _reader.Depth;

    /// <exception cref="XmlException">There is no element at the beginning.</exception>
    public static IrXml Open(Stream stream)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = IrLimits.FileBytes,
            IgnoreComments = true,
            IgnoreWhitespace = true,
            IgnoreProcessingInstructions = true,
            NameTable = new IrNameTable(),
        };
        XmlReader reader = XmlReader.Create(new IrText(stream), settings);
        reader.MoveToContent();
        return new IrXml(reader);
    }

    /// <summary>Goes to the next child of an element, over whatever was not read of the child before.</summary>
    /// <param name="depth">The depth of the parent, on which the reader stood at the first call.</param>
    /// <returns>False when there is no other child.</returns>
    public bool NextChild(int depth)
    {
        if (_reader.Depth == depth && _reader.IsEmptyElement)
            return false;
        while (_reader.Read() && _reader.Depth > depth)
        {
            if (_reader.Depth > IrLimits.Depth)
                throw new LayerException($"its elements are nested more than {IrLimits.Depth} deep");
            if (_reader.NodeType == XmlNodeType.Element && _reader.Depth == depth + 1)
                return true;
        }

        return false;
    }

    /// <summary>Reads to the end of the file, so that what follows is found to be well-formed.</summary>
    public void End()
    {
        while (_reader.Read())
        {
            // Comments and white space may follow the root; the reader refuses anything else.
        }
    }

    /// <summary>An attribute of the element; null where it has none of that name.</summary>
    public string? Attribute(string name) => _reader.GetAttribute(name) is { } value ? Share(value) : null;

    /// <summary>All attributes of the element.</summary>
    public IEnumerable<KeyValuePair<string, string>> Attributes()
    {
        while (_reader.MoveToNextAttribute())
            yield return new(_reader.LocalName, Share(_reader.Value));
        _reader.MoveToElement();
    }

    /// <summary>An attribute that names something: control characters, which would act on a terminal, are replaced.</summary>
    /// <exception cref="ModelException">It is longer than <see cref="IrLimits.NameLength"/>.</exception>
    public string NameAttribute(string name, string where) => ToName(Attribute(name) ?? "", where);

    public static string ToName(string text, string where)
    {
        if (text.Length > IrLimits.NameLength)
            throw new ModelException($"{where}: a name of {text.Length} characters is longer than {IrLimits.NameLength}.");
        if (!text.EnumerateRunes().Any(IsHidden))
            return text;
        var shown = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            shown.Append(IsHidden(rune) ? Rune.ReplacementChar : rune);
        return shown.ToString();
    }

    /// <summary>A whole number in an attribute.</summary>
    public long Number(string attribute, string where) => ToNumber(_reader.GetAttribute(attribute), where, attribute);

    /// <summary>The whole number that is the element's content.</summary>
    public long Number(string where)
    {
        string name = Name;
        if (_reader.IsEmptyElement)
            return ToNumber("", where, name);
        string text = _reader.Read() && _reader.NodeType == XmlNodeType.Text ? _reader.Value : "";
        return ToNumber(text, where, name);
    }

    public void Dispose() => _reader.Dispose();

    private static long ToNumber(string? text, string where, string what) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new ModelException($"{where}: {what} is '{(text?.Length > LongestShared ? $"{text[..LongestShared]}..." : text)}', not a whole number.");

    private static bool IsHidden(Rune rune) =>
        Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private string Share(string value)
    {
        if (value.Length > LongestShared)
            return value;
        if (_shared.TryGetValue(value, out string? known))
            return known;
        if (_shared.Count < MostShared)
            _shared.Add(value);
        return value;
    }
}
