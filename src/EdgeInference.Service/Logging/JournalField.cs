namespace EdgeInference.Service.Logging;

/// <summary>Names of the journal's fields.</summary>
internal static class JournalField
{
    private const int Longest = 64;

    /// <summary>A property's name as the journal's rule wants it: "ReportId" is REPORT_ID.</summary>
    /// <returns>Null where that gives no valid name.</returns>
    public static string? NameOf(string property)
    {
        var name = new System.Text.StringBuilder(Longest);
        for (int i = 0; i < property.Length; i++)
        {
            char c = property[i];
            bool isWord = char.IsAsciiLetterUpper(c) && i > 0 && (!char.IsAsciiLetterUpper(property[i - 1]) || (i + 1 < property.Length && char.IsAsciiLetterLower(property[i + 1])));
            if (isWord && property[i - 1] != '_')
                name.Append('_');
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return null;
            name.Append(char.ToUpperInvariant(c));
        }

        // Those that begin with '_' are journald's own.
        return name.Length is > 0 and <= Longest && char.IsAsciiLetterUpper(name[0]) ? name.ToString() : null;
    }
}
