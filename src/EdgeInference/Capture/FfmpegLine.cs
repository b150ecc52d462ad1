using System.Text.RegularExpressions;

namespace EdgeInference.Capture;

internal enum FfmpegLevel
{
    Info,
    Warning,
    Error,
}

/// <summary>One message of ffmpeg, as -loglevel level writes it, without the "[component @ address]" before it.</summary>
internal readonly record struct FfmpegLine(FfmpegLevel Level, string Text)
{
    private static readonly Regex Prefix = new(
        @"^(\[[^\]]* @ 0x[0-9a-f]+\] )*\[(?<level>panic|fatal|error|warning|info|verbose|debug|trace)\] ",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>A picture that was skipped, or concealed and passed on. Written once for each.</summary>
    public bool IsCorruptFrame =>
        Text.StartsWith("Error while decoding stream #", StringComparison.Ordinal)
        || Text.Contains("corrupt decoded frame in stream", StringComparison.Ordinal);

    public static FfmpegLine Parse(string line)
    {
        Match match = Prefix.Match(line);
        return match.Success
            ? new FfmpegLine(ToLevel(match.Groups["level"].Value), line[match.Length..])
            : new FfmpegLine(FfmpegLevel.Info, line);
    }

    private static FfmpegLevel ToLevel(string name) => name switch
    {
        "panic" or "fatal" or "error" => FfmpegLevel.Error,
        "warning" => FfmpegLevel.Warning,
        _ => FfmpegLevel.Info,
    };
}
