using EdgeInference.Frames;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

/// <summary>Makes the source that options describe.</summary>
public sealed class VideoSourceFactory(TimeProvider timeProvider, ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("EdgeInference.Capture");

    /// <summary>Whether the file, folder or camera that options name is there now; of an address that is not known.</summary>
    /// <param name="options">Valid options.</param>
    public static bool IsThere(SourceOptions options) =>
        SourceAddress.Parse(options.Input) is not { Kind: SourceKind.File or SourceKind.Camera, Target: var path } || Path.Exists(path);

    /// <summary>
    /// A source that has not begun: whether it can be opened shows at its first read. Made anew for each attempt.
    /// </summary>
    /// <param name="options">Valid options.</param>
    /// <param name="pool">Where its frames come from and go back to.</param>
    /// <param name="stream">The stream that its log entries are about.</param>
    public IVideoSource Open(SourceOptions options, FramePool pool, string? stream = null)
    {
        ILogger logger = stream is null ? _logger : new StreamLogger(_logger, stream);
        SourceAddress address = SourceAddress.Parse(options.Input);
        return address.Kind == SourceKind.File && Directory.Exists(address.Target)
            ? new ImageFolderSource(address, options, pool, timeProvider, logger)
            : new FfmpegSource(
                address, FfmpegArguments.ForSource(options, address), options, pool, timeProvider, logger);
    }
}
