using System.Text.RegularExpressions;

namespace EdgeInference.Integration.Tests.BadInput;

/// <summary>Asserts that a run failed as runs should: with clear lines, and nothing else.</summary>
internal static partial class Problem
{
    /// <summary>Exactly one line on standard error tells of a problem, and it holds all words; no report was written.</summary>
    public static void AssertOneLine(ServiceRun run, int exitCode, params string[] words)
    {
        Assert.True(run.ExitCode == exitCode, $"Exit code {run.ExitCode}:\n{run.Log}");
        AssertWords(Assert.Single(LinesOf(run)), words);
        AssertCalm(run);
        Assert.Empty(run.Output);
    }

    /// <summary>One line for each of the faults, in any order.</summary>
    public static void AssertLines(ServiceRun run, int exitCode, params string[][] faults)
    {
        Assert.True(run.ExitCode == exitCode, $"Exit code {run.ExitCode}:\n{run.Log}");
        string[] lines = LinesOf(run);
        Assert.True(lines.Length == faults.Length, run.Log);
        foreach (string[] words in faults)
            AssertWords(Assert.Single(lines, line => line.Contains(words[0], StringComparison.Ordinal)), words);
        AssertCalm(run);
    }

    /// <summary>The lines that are warnings, errors, or not from the log.</summary>
    public static string[] LinesOf(ServiceRun run) => [.. run.LogLines.Where(static line => !InformationLine().IsMatch(line))];

    /// <summary>No stack trace and no exception's name.</summary>
    public static void AssertCalm(ServiceRun run)
    {
        Assert.DoesNotContain("   at ", run.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.Log, StringComparison.Ordinal);
    }

    private static void AssertWords(string line, string[] words) =>
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"^\d\d:\d\d:\d\d\.\d{3} INF ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InformationLine();
}
