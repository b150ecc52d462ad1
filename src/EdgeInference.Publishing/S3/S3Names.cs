using System.Globalization;
using System.Text;

namespace EdgeInference.Publishing.S3;

/// <summary>Keys and metadata that S3, the servers that speak its protocol, and their tools all take.</summary>
internal static class S3Names
{
    // All metadata of an object may have 2 kB together.
    private const int MaxValue = 256;

    /// <summary>
    /// What a template made, with '_' for each control character and '\', and for each part that is empty, '.' or '..'.
    /// The template was checked for these; the values that were put in were not.
    /// </summary>
    public static string Key(string name)
    {
        string plain = string.Concat(name.Select(static c => char.IsControl(c) || c == '\\' ? '_' : c));
        return string.Join('/', plain.Split('/').Select(static part => part is "" or "." or ".." ? "_" : part));
    }

    /// <summary>The visible characters of ASCII as they are, the bytes of all others and '%' as %XX: one way to read it back.</summary>
    public static string MetadataValue(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (Rune rune in value.EnumerateRunes())
        {
            string next = rune.Value is > ' ' and < 0x7F and not '%' ? rune.ToString() : Escape(rune);
            if (text.Length + next.Length > MaxValue)
                break;
            text.Append(next);
        }

        return text.ToString();
    }

    private static string Escape(Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        int length = rune.EncodeToUtf8(bytes);
        var text = new StringBuilder(length * 3);
        foreach (byte value in bytes[..length])
            text.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        return text.ToString();
    }
}
