using System.Globalization;

namespace EdgeInference.TestSupport.OpenVino;

/// <summary>What a process that used the fake left in the file that FAKE_OPENVINO_LOG names.</summary>
/// <param name="Inferences">Those that were started.</param>
/// <param name="Calls">By the function's name.</param>
/// <param name="Live">What was not freed, by kind. One core is normal: the engine keeps it as long as the process.</param>
/// <param name="Violations">What was done wrongly.</param>
internal sealed record FakeOpenVinoLog(
    long Inferences, IReadOnlyDictionary<string, long> Calls, IReadOnlyDictionary<string, long> Live, IReadOnlyList<string> Violations)
{
    public static FakeOpenVinoLog Read(string path)
    {
        string[][] lines = [.. File.ReadLines(path).Select(static line => line.Split(' '))];
        return new FakeOpenVinoLog(
            lines.Where(static line => line[0] == "inferences").Select(static line => Number(line[1])).Single(),
            lines.Where(static line => line[0] == "calls").ToDictionary(static line => line[1], static line => Number(line[2])),
            lines.Where(static line => line[0] == "live").ToDictionary(static line => line[1], static line => Number(line[2])),
            [.. lines.Where(static line => line[0] == "violation").Select(static line => string.Join(' ', line[1..]))]);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
