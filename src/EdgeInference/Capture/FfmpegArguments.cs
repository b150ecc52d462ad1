using System.Globalization;

namespace EdgeInference.Capture;

/// <summary>The calls of ffmpeg (5.1 or newer) for each kind of source.</summary>
internal static class FfmpegArguments
{
    private const double DefaultFolderRate = 25;

    public static FfmpegCommand ForSource(SourceOptions options, SourceAddress address) => address.Kind switch
    {
        SourceKind.File => new FfmpegCommand(
        [
            .. Common(options),
            .. options.Loop ? ["-stream_loop", "-1"] : Array.Empty<string>(),
            .. options.RealTime ? ["-re"] : Array.Empty<string>(),
            "-protocol_whitelist", "file",
            "-i", FileUrl(address.Target),
            .. Output,
        ]),
        SourceKind.Camera => new FfmpegCommand(
        [
            .. Common(options),
            "-f", "v4l2",
            .. options.Format is { } format ? ["-input_format", format] : Array.Empty<string>(),
            .. options.Size is { } size ? ["-video_size", size] : Array.Empty<string>(),
            .. options.Rate is { } rate ? ["-framerate", Number(rate)] : Array.Empty<string>(),
            "-i", address.Target,
            .. Output,
        ]),
        SourceKind.Rtsp => FromScript(
            options,
            "pipe,rtsp,rtsps,rtp,srtp,udp,tcp,tls",
            new ConcatScript()
                .Add(address.Target)
                .WithOption("rtsp_transport", options.RtspTransport == RtspTransport.Udp ? "udp" : "tcp")
                .WithOption("timeout", LongestSilence(options))),
        SourceKind.Http => FromScript(
            options,
            "pipe,http,https,httpproxy,tcp,tls,crypto,data",
            new ConcatScript().Add(address.Target).WithOption("rw_timeout", LongestSilence(options))),
        _ => throw new ArgumentOutOfRangeException(nameof(address), address.Kind, "Not a kind of source."),
    };

    /// <summary>
    /// Images of one codec, one picture each. All take the size of the first: ffmpeg scales the others to it.
    /// </summary>
    public static FfmpegCommand ForImages(SourceOptions options, IEnumerable<string> paths)
    {
        string duration = Number(1 / (options.Rate ?? DefaultFolderRate));
        ConcatScript script = new();
        foreach (string path in paths)
        {
            // Else a name such as a%03d.jpg is taken for a pattern.
            script.Add(FileUrl(path)).WithOption("pattern_type", "none").WithDuration(duration);
        }

        return FromScript(options, "pipe,file", script, options.RealTime ? ["-re"] : []);
    }

    private static string[] Output =>
    [
        // The first stream that is a video and not a cover picture.
        "-map", "0:V:0",

        // What is 4:2:0 already stays as it is. The second name is ffmpeg's for full range: without it ffmpeg would
        // rescale such pictures to limited range.
        "-vf", "format=yuv420p|yuvj420p",

        // Each decoded picture once, whatever its time stamp says.
        "-fps_mode", "passthrough",

        // Of one size from beginning to end: what comes in another is scaled to the first (-autoscale, on by default).
        "-f", "yuv4mpegpipe", "pipe:1",
    ];

    private static string[] Common(SourceOptions options) =>
    [
        "-hide_banner", "-nostdin", "-nostats",

        // Each message with its level, and none folded into "last message repeated".
        "-loglevel", "repeat+level+info",
        .. options.Decoder == VideoDecoder.Vaapi
            ? ["-hwaccel", "vaapi", "-hwaccel_device", options.VaapiDevice]
            : new[] { "-threads", options.DecoderThreads.ToString(CultureInfo.InvariantCulture) },
    ];

    private static FfmpegCommand FromScript(
        SourceOptions options, string protocols, ConcatScript script, params ReadOnlySpan<string> inputOptions) =>
        new(
            [
                .. Common(options),
                .. inputOptions,
                "-f", "concat", "-safe", "0", "-auto_convert", "0",
                "-protocol_whitelist", protocols,
                "-i", "pipe:0",
                .. Output,
            ],
            script.ToString());

    // The prefix keeps a name that begins with - or holds a colon from being read as an option or a protocol.
    private static string FileUrl(string path) => "file:" + path;

    // In microseconds. The service itself gives up on time; this ends an ffmpeg whose service was killed.
    private static string LongestSilence(SourceOptions options)
    {
        TimeSpan longest = options.ConnectTimeout > options.StallTimeout ? options.ConnectTimeout : options.StallTimeout;
        return longest.TotalMicroseconds.ToString("F0", CultureInfo.InvariantCulture);
    }

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
