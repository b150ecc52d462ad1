using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeInference.Native.OpenVino;

/// <summary>Reads build numbers: 2026.4.1-23117-abc of a release, custom_releases/2026/4_abc of one's own build.</summary>
internal static partial class OpenVinoVersion
{
    /// <summary>The first release that reads a model from memory.</summary>
    public static readonly Version Oldest = new(2023, 2);

    /// <summary>The release, such as 2026.4.1, or the whole text where it names none.</summary>
    public static string Shorten(string build) => Pattern().Match(build) is { Success: true } match ? match.Value.Replace('/', '.') : build;

    /// <summary>Whether it is known to be older than <see cref="Oldest"/>.</summary>
    public static bool IsTooOld(string build) =>
        Pattern().Match(build) is { Success: true } match
        && new Version(Number(match.Groups["year"]), Number(match.Groups["minor"])) < Oldest;

    private static int Number(Group group) => int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<![0-9])(?<year>20\d\d)[./](?<minor>\d{1,2})(\.\d{1,3})?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
