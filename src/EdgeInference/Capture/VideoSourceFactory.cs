using EdgeInference.Frames;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

/// <summary>Makes the source that options describe.</summary>
public sealed class VideoSourceFactory(TimeProvider timeProvider, ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("EdgeInference.Capture");

    /// <summary>
    /// A source that has not begun: whether it can be opened shows at its first read. Made anew for each attempt.
    /// </summary>
    /// <param name="options">Valid options.</param>
    /// <param name="pool">Where its frames come from and go back to.</param>
    public IVideoSource Open(SourceOptions options, FramePool pool)
    {
        SourceAddress address = SourceAddress.Parse(options.Input);
        return address.Kind == SourceKind.File && Directory.Exists(address.Target)
            ? new ImageFolderSource(address, options, pool, timeProvider, _logger)
            : new FfmpegSource(
                address, FfmpegArguments.ForSource(options, address), options, pool, timeProvider, _logger);
    }
}
