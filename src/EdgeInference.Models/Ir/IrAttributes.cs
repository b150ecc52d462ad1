using System.Diagnostics.CodeAnalysis;

namespace EdgeInference.Models.Ir;

/// <summary>The attributes of a layer: few, so they are looked through rather than hashed.</summary>
internal sealed class IrAttributes(KeyValuePair<string, string>[] attributes)
{
    private const long PairBytes = 64;

    public static IrAttributes None { get; } = new([]);

    /// <summary>Memory, roughly.</summary>
    public long Footprint => attributes.Sum(static attribute => PairBytes + ((long)attribute.Value.Length * sizeof(char)));

    public bool Contains(string name) => TryGet(name, out _);

    /// <summary>The value of an attribute; of one that stands there twice, the last.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        int index = Array.FindLastIndex(attributes, attribute => string.Equals(attribute.Key, name, StringComparison.Ordinal));
        value = index >= 0 ? attributes[index].Value : null;
        return index >= 0;
    }

    public string? Get(string name) => TryGet(name, out string? value) ? value : null;

    public Dictionary<string, string> ToDictionary()
    {
        var dictionary = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in attributes)
            dictionary[name] = value;
        return dictionary;
    }
}
