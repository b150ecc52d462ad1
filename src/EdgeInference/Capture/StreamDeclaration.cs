using System.Text.RegularExpressions;
using EdgeInference.Frames;

namespace EdgeInference.Capture;

/// <summary>
/// What ffmpeg says about a video stream's colours. <paramref name="Matrix"/> is null where the stream declares none.
/// </summary>
internal sealed record StreamDeclaration(string PixelFormat, ColorMatrix? Matrix, ColorRange Range)
{
    private static readonly Regex VideoStream = new(
        @"Stream #\d+:\d+.*?: Video: [^,]+, (?<format>[a-z0-9]+)(\((?<details>[^)]*)\))?(,|$)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>Reads a line such as "Stream #0:0: Video: h264 (Main), yuv420p(tv, bt709, progressive), 1280x720, …"; else null.</summary>
    public static StreamDeclaration? TryParse(string line)
    {
        Match match = VideoStream.Match(line);
        if (!match.Success)
            return null;

        string format = match.Groups["format"].Value;
        string[] details = match.Groups["details"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        bool isFull = format.StartsWith("yuvj", StringComparison.Ordinal) || details.Contains("pc", StringComparer.Ordinal);
        return new StreamDeclaration(
            format,
            details.Select(ToMatrix).FirstOrDefault(matrix => matrix is not null),
            isFull ? ColorRange.Full : ColorRange.Limited);
    }

    // "bt470bg/unknown/unknown" names matrix, primaries and transfer; one name stands for all three where they agree.
    // BT.2020 and SMPTE 240M are nearer to BT.709 in green, the heaviest weight.
    private static ColorMatrix? ToMatrix(string detail) => detail.Split('/')[0] switch
    {
        "bt709" or "bt2020nc" or "bt2020c" or "smpte240m" => ColorMatrix.Bt709,
        "smpte170m" or "bt470bg" or "fcc" => ColorMatrix.Bt601,
        _ => null,
    };
}
