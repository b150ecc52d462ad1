using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OpenVino;

/// <summary>Event ids 5100-5199.</summary>
internal static partial class OpenVinoLog
{
    [LoggerMessage(EventId = 5100, Level = LogLevel.Information, Message = "OpenVINO {Build} is used: {Path}")]
    public static partial void Loaded(ILogger logger, string build, string path);

    [LoggerMessage(EventId = 5101, Level = LogLevel.Information, Message = "OpenVINO extension {Path} is used")]
    public static partial void ExtensionAdded(ILogger logger, string path);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Warning, Message = "Folder {Folder} for compiled models cannot be used, so they are compiled at each start: {Reason}")]
    public static partial void NoCache(ILogger logger, string folder, string reason);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Warning, Message = "An inference cannot be cancelled and runs to its end: {Reason}")]
    public static partial void CancellationFailed(ILogger logger, string reason);
}
