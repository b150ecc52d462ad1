using System.Globalization;
using System.Text.RegularExpressions;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests;

/// <summary>The whole models that damage starts from.</summary>
internal static partial class FuzzSeeds
{
    /// <summary>Models that take no longer than some hundredths of a second to read.</summary>
    private const long LargestFile = 4 << 20;

    /// <summary>The project's own models.</summary>
    public static IReadOnlyList<FuzzSeed> Demo { get; } =
        [Read(TestData.InRepository("models/parts-classifier/parts-classifier.xml")), Read(TestData.InRepository("models/parts-detector/parts-detector.xml"))];

    /// <summary>Every small net of the test data.</summary>
    public static IReadOnlyList<FuzzSeed> Nets() => ReadAll("ops");

    /// <summary>Real models of every version, and the samples' networks with whatever weights.</summary>
    public static IReadOnlyList<FuzzSeed> Real() =>
    [
        .. ReadAll("models"),
        .. Directory.EnumerateFiles(TestData.Path("topologies"), "*.xml").Order(StringComparer.Ordinal)
            .Select(static path => File.ReadAllText(path))
            .Select(static xml => new FuzzSeed(xml, WeightsFor(xml))),
    ];

    private static FuzzSeed[] ReadAll(string folder) =>
    [
        .. Directory.EnumerateFiles(TestData.Path(folder), "*.xml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(static path => !File.Exists(Path.ChangeExtension(path, ".bin")) || new FileInfo(Path.ChangeExtension(path, ".bin")).Length <= LargestFile)
            .Select(Read),
    ];

    private static FuzzSeed Read(string xml)
    {
        string bin = Path.ChangeExtension(xml, ".bin");
        return new FuzzSeed(File.ReadAllText(xml), File.Exists(bin) ? File.ReadAllBytes(bin) : []);
    }

    private static byte[] WeightsFor(string xml)
    {
        long end = BlobPattern().Matches(xml).Max(static blob => Number(blob, "offset") + Number(blob, "size"));
        var weights = new byte[end];
        new Random(1).NextBytes(weights);
        return weights;
    }

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"offset=""(?<offset>\d+)"" size=""(?<size>\d+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex BlobPattern();
}

/// <summary>The two files of an IR.</summary>
internal sealed record FuzzSeed(string Xml, byte[] Bin);
