using System.Globalization;
using System.Text.Json;

namespace EdgeInference.Functions;

/// <summary>Reads the JSON of a label map token by token, so that every fault can be told with its line.</summary>
internal sealed class LabelMapParser(string path, byte[] json)
{
    private const string Expected =
        "expected {\"0\":\"name\",...}, or for a model with several outputs {\"<output>\":{\"0\":\"name\",...},...}";

    private readonly int _start = json.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
    private int _entries;

    public LabelMap Parse()
    {
        var reader = new Utf8JsonReader(json.AsSpan(_start));
        try
        {
            LabelMap map = ReadMap(ref reader);
            reader.Read(); // Nothing may follow: the reader throws if something does.
            return map;
        }
        catch (JsonException e)
        {
            throw new LabelMapException($"Label map '{path}', line {(e.LineNumber ?? 0) + 1}: not valid JSON; {Expected}.", e);
        }
    }

    private LabelMap ReadMap(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault(ref reader, Expected);

        var names = new Dictionary<int, string>();
        var outputs = new Dictionary<string, ClassNames>(StringComparer.Ordinal);
        while (Next(ref reader))
        {
            string key = Text(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                if (names.Count > 0)
                    throw Fault(ref reader, "names and objects are mixed; " + Expected);
                if (outputs.ContainsKey(key))
                    throw Fault(ref reader, $"output '{Shown(key)}' is there twice");
                outputs.Add(key, new ClassNames(ReadNames(ref reader)));
                Count(ref reader);
            }
            else
            {
                if (outputs.Count > 0)
                    throw Fault(ref reader, "names and objects are mixed; " + Expected);
                AddName(ref reader, names, key);
            }
        }

        return new LabelMap(path, outputs.Count == 0 ? new ClassNames(names) : null, outputs);
    }

    private Dictionary<int, string> ReadNames(ref Utf8JsonReader reader)
    {
        var names = new Dictionary<int, string>();
        while (Next(ref reader))
        {
            string key = Text(ref reader);
            reader.Read();
            AddName(ref reader, names, key);
        }

        return names;
    }

    private static bool Next(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private void AddName(ref Utf8JsonReader reader, Dictionary<int, string> names, string key)
    {
        if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int classId))
            throw Fault(ref reader, $"'{Shown(key)}' is not a class number (0, 1, 2, ...)");
        if (reader.TokenType != JsonTokenType.String)
            throw Fault(ref reader, $"the name of class {classId} is not a string; {Expected}");
        string name = LabelMap.Sanitize(Text(ref reader));
        if (name.Length is 0 or > LabelMap.MaxNameLength)
            throw Fault(ref reader, $"the name of class {classId} has {name.Length} characters; 1 to {LabelMap.MaxNameLength} are allowed");
        if (!names.TryAdd(classId, name))
            throw Fault(ref reader, $"class {classId} is there twice");
        Count(ref reader);
    }

    private void Count(ref Utf8JsonReader reader)
    {
        if (++_entries > LabelMap.MaxEntries)
            throw Fault(ref reader, $"more than {LabelMap.MaxEntries} entries");
    }

    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // The reader checks the text of a string only when it is asked for it.
            throw new LabelMapException($"Label map '{path}', line {Line(ref reader)}: the text is not valid UTF-8 or holds half a surrogate pair.", e);
        }
    }

    private LabelMapException Fault(ref Utf8JsonReader reader, string what) =>
        new($"Label map '{path}', line {Line(ref reader)}: {what}.");

    private int Line(ref Utf8JsonReader reader) =>
        1 + json.AsSpan(_start, (int)reader.TokenStartIndex).Count((byte)'\n');

    private static string Shown(string key) => LabelMap.Sanitize(key.Length > 40 ? key[..40] + "..." : key);
}
