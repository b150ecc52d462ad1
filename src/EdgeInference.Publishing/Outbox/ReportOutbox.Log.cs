using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Outbox;

public sealed partial class ReportOutbox
{
    [LoggerMessage(EventId = 3010, Level = LogLevel.Error, Message = "{Path} is damaged ({Damage}); it was put aside as {Aside}, and a new outbox is begun")]
    private partial void LogDamaged(string path, string damage, string aside);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "{Stream}: {Waiting} reports wait for {Publisher}, which is not configured: they are kept until it is, or until edge-inference outbox purge --waiting --publisher {Publisher} gives them up")]
    private partial void LogNotConfigured(string stream, string publisher, long waiting);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "{Stream}: {Notice}")]
    private partial void LogNotice(string stream, string notice);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "The outbox could not be tidied: {Reason}")]
    private partial void LogMaintenanceFailed(string reason);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Warning, Message = "{Path} was removed while in use; it was written anew, with all reports")]
    private partial void LogRemoved(string path);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Warning, Message = "{Path} could not be closed within {Seconds} s: its disk does not answer")]
    private partial void LogNotClosed(string path, double seconds);

    [LoggerMessage(EventId = 3016, Level = LogLevel.Information, Message = "{Path} was not closed, as when the service is killed: its {Megabytes} MB are checked before anything starts")]
    private partial void LogChecking(string path, long megabytes);
}
