using System.Globalization;
using System.Text;

namespace EdgeInference.Service.Commands;

/// <summary>Makes a text from outside fit to stand in a line of the log or in a sentence.</summary>
internal static class QuotedText
{
    private const int MostRunes = 64;

    /// <summary>In quotes, cut where it is long, with a question mark for each character that would not be seen as itself.</summary>
    public static string Of(string text)
    {
        var quoted = new StringBuilder("'");
        int runes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (runes++ == MostRunes)
            {
                quoted.Append('…');
                break;
            }

            if (IsSeen(rune))
                quoted.Append(rune);
            else
                quoted.Append('?');
        }

        return quoted.Append('\'').ToString();
    }

    private static bool IsSeen(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
