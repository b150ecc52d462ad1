using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing;

internal sealed partial class PublisherQueue
{
    [LoggerMessage(EventId = 3000, Level = LogLevel.Warning, Message = "{Stream}: {Publisher} cannot publish: {Reason} (said once until it works again)")]
    private partial void LogFailed(string stream, string publisher, string reason);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "{Stream}: {Publisher} publishes again; {Lost} reports were lost")]
    private partial void LogRecovered(string stream, string publisher, long lost);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "{Stream}: {Publisher} is too slow: its queue of {Capacity} reports is full, so reports are lost (said once; the count is in the summary)")]
    private partial void LogQueueFull(string stream, string publisher, int capacity);
}
