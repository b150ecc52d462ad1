namespace EdgeInference.Capture;

/// <summary>Finds the reason in what ffmpeg wrote before it ended.</summary>
internal static class FfmpegFailure
{
    // The first that is found wins: what is above explains what is below.
    private static readonly (string Message, string Reason)[] Reasons =
    [
        ("Unrecognized option 'fps_mode'", "this ffmpeg is too old: 5.1 or newer is needed"),
        ("misdetection possible", "it is not a video"),
        ("moov atom not found", "the file is truncated, or not a video: its index (moov atom) is missing"),
        ("matches no streams", "it has no video stream"),
        ("401 Unauthorized", "the server refuses the user name or password (401)"),
        ("403 Forbidden", "the server refuses access (403)"),
        ("404 Not Found", "the server has no such stream (404)"),
        ("Connection refused", "the connection was refused"),
        ("Connection timed out", "the server does not answer"),
        ("Failed to resolve hostname", "the host name is not known"),
        ("Network is unreachable", "the network cannot be reached"),
        ("No route to host", "the host cannot be reached"),
        ("No VA display found", "the VAAPI device cannot be opened"),
        ("Device or resource busy", "another program is using the camera"),
        ("No such device", "the camera is gone"),
        ("Inappropriate ioctl for device", "it is not a camera"),
        ("Permission denied", "permission is denied"),
        ("No such file or directory", "it does not exist"),
        ("Invalid data found when processing input", "it is not a video that ffmpeg can read"),
    ];

    /// <summary>The exit code of an ffmpeg that caught a signal and ended in order.</summary>
    private const int Interrupted = 255;

    /// <summary>An exit code above this is it plus the number of the signal that ended the program.</summary>
    public const int SignalBase = 128;

    /// <param name="exitCode">ffmpeg's.</param>
    /// <param name="frames">Pictures it gave.</param>
    /// <param name="problems">Its last warnings and errors, oldest first.</param>
    public static string Explain(int exitCode, long frames, IReadOnlyList<FfmpegLine> problems)
    {
        if (exitCode == Interrupted)
            return "ffmpeg was asked to end, but not by this service";
        if (exitCode > SignalBase)
            return $"ffmpeg was ended by signal {exitCode - SignalBase}";
        foreach ((string message, string reason) in Reasons)
        {
            if (problems.Any(line => line.Text.Contains(message, StringComparison.Ordinal)))
                return reason;
        }

        string ending = (exitCode, frames) switch
        {
            (0, 0) => "it has no picture that can be decoded",
            (0, _) => "the stream ended",
            _ => $"ffmpeg ended with code {exitCode}",
        };
        FfmpegLine last = problems.LastOrDefault(line => line.Level == FfmpegLevel.Error);
        return last.Text is null ? ending : $"{ending}: {last.Text}";
    }
}
