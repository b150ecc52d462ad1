namespace EdgeInference.Capture;

/// <summary>
/// One call of ffmpeg. The arguments are for every user of the machine to see; <paramref name="Script"/>, which goes to
/// standard input, is not.
/// </summary>
internal sealed record FfmpegCommand(IReadOnlyList<string> Arguments, string? Script = null)
{
    public string Program { get; init; } = "ffmpeg";
}
