using System.Text.RegularExpressions;

namespace EdgeInference.Models.Tests;

/// <summary>Deterministic damage to files: numbers, words, elements, bytes, ends.</summary>
internal static partial class Damage
{
    private static readonly string[] Numbers =
        ["0", "-1", "1", "2", "3", "7", "16", "255", "65536", "2147483647", "-2147483648", "4294967296", "1099511627776", "9223372036854775807", "-9223372036854775808", "0.5", "1e38", "nan", "", "x"];

    public static string Text(string text, Random random)
    {
        for (int changes = random.Next(1, 3); changes > 0 && text.Length > 0; changes--)
        {
            text = random.Next(24) switch
            {
                0 => text[..random.Next(text.Length)],
                1 or 2 or 3 => Swap(text, random, WordPattern()),
                4 => RemoveLine(text, random),
                5 => RepeatLine(text, random),
                6 => text.Insert(random.Next(text.Length), ((char)random.Next(1, 256)).ToString()),
                _ => Replace(text, random, NumberPattern(), Numbers[random.Next(Numbers.Length)]),
            };
        }

        return text;
    }

    public static byte[] Bytes(byte[] bytes, Random random)
    {
        byte[] damaged = [.. bytes];
        for (int changes = random.Next(1, 6); changes > 0 && damaged.Length > 0; changes--)
        {
            if (random.Next(4) == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            else
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        }

        return damaged;
    }

    private static string Replace(string text, Random random, Regex pattern, string replacement)
    {
        MatchCollection matches = pattern.Matches(text);
        if (matches.Count == 0)
            return text;
        Match match = matches[random.Next(matches.Count)];
        return string.Concat(text.AsSpan(0, match.Index), replacement, text.AsSpan(match.Index + match.Length));
    }

    private static string Swap(string text, Random random, Regex pattern)
    {
        MatchCollection matches = pattern.Matches(text);
        return matches.Count == 0 ? text : Replace(text, random, pattern, matches[random.Next(matches.Count)].Value);
    }

    private static string RemoveLine(string text, Random random)
    {
        List<string> lines = [.. text.Split('\n')];
        lines.RemoveAt(random.Next(lines.Count));
        return string.Join('\n', lines);
    }

    private static string RepeatLine(string text, Random random)
    {
        List<string> lines = [.. text.Split('\n')];
        lines.Insert(random.Next(lines.Count), lines[random.Next(lines.Count)]);
        return string.Join('\n', lines);
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"(?<="")[^""]*(?="")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex WordPattern();
}
