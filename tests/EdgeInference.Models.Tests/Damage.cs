using System.Text.RegularExpressions;

namespace EdgeInference.Models.Tests;

/// <summary>Deterministic damage to files: to what an IR is made of (layers, edges, dimensions, attributes), to numbers, words, lines, bytes, ends.</summary>
internal static partial class Damage
{
    private static readonly string[] Numbers =
        ["0", "-1", "1", "2", "3", "7", "16", "255", "65536", "2147483647", "-2147483648", "4294967296", "1099511627776", "9223372036854775807", "-9223372036854775808", "0.5", "1e38", "nan", "", "x"];

    /// <param name="text">An .xml.</param>
    /// <param name="types">Layer types to put in the place of others.</param>
    /// <param name="random">What decides.</param>
    public static string Text(string text, IReadOnlyList<string> types, Random random)
    {
        for (int changes = random.Next(1, 4); changes > 0 && text.Length > 0; changes--)
        {
            text = random.Next(40) switch
            {
                0 => text[..random.Next(text.Length)],
                1 => text.Insert(random.Next(text.Length), ((char)random.Next(1, 256)).ToString()),
                2 => Replace(text, random, LinePattern(), static _ => ""),
                3 or 4 => Swap(text, random, ValuePattern()),
                5 or 6 => Replace(text, random, LayerPattern(), random.Next(2) == 0 ? static _ => "" : static layer => layer + layer),
                7 or 8 => Swap(text, random, LayerPattern()),
                9 or 10 => Replace(text, random, EdgePattern(), random.Next(2) == 0 ? static _ => "" : static edge => edge + edge),
                11 or 12 or 13 => Swap(text, random, EndPattern()),
                14 or 15 or 16 => Replace(text, random, TypePattern(), _ => types[random.Next(types.Count)]),
                17 or 18 or 19 => Replace(text, random, DimensionPattern(), random.Next(2) == 0 ? static _ => "" : static dimension => dimension + dimension),
                20 or 21 => Replace(text, random, AttributePattern(), static _ => ""),
                22 or 23 or 24 => Replace(text, random, ListPattern(), list => random.Next(2) == 0 ? $"{list},{Number(random)}" : list[..list.LastIndexOf(',')]),
                25 or 26 => Replace(text, random, OffsetPattern(), _ => Number(random)),
                _ => Replace(text, random, NumberPattern(), _ => Number(random)),
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

    private static string Number(Random random) => Numbers[random.Next(Numbers.Length)];

    private static string Replace(string text, Random random, Regex pattern, Func<string, string> replacement) =>
        Pick(text, random, pattern) is { } match
            ? string.Concat(text.AsSpan(0, match.Index), replacement(match.Value), text.AsSpan(match.Index + match.Length))
            : text;

    private static string Swap(string text, Random random, Regex pattern)
    {
        if (Pick(text, random, pattern) is not { } first || Pick(text, random, pattern) is not { } second)
            return text;
        if (first.Index > second.Index)
            (first, second) = (second, first);
        return first.Index + first.Length > second.Index
            ? text
            : string.Concat(text[..first.Index], second.Value, text[(first.Index + first.Length)..second.Index], string.Concat(first.Value, text.AsSpan(second.Index + second.Length)));
    }

    private static Match? Pick(string text, Random random, Regex pattern)
    {
        Match match = pattern.Match(text, random.Next(text.Length));
        return match.Success || (match = pattern.Match(text)).Success ? match : null;
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"(?<==[""])[^""]*(?="")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ValuePattern();

    [GeneratedRegex(@"[^\n]*\n", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex LinePattern();

    [GeneratedRegex(@"<layer\b.*?</layer>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex LayerPattern();

    [GeneratedRegex(@"<edge\b[^>]*>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex EdgePattern();

    [GeneratedRegex(@"(from|to)-(layer|port)=""\d+""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex EndPattern();

    [GeneratedRegex(@"(?<=\btype="")[^""]*(?="")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"<dim>[^<]*</dim>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex DimensionPattern();

    [GeneratedRegex(@"\s[\w-]+=""[^""]*""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex AttributePattern();

    [GeneratedRegex(@"(?<="")[^"",]*,[^""]*(?="")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ListPattern();

    [GeneratedRegex(@"(?<=(offset|size)="")[^""]*(?="")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex OffsetPattern();
}
