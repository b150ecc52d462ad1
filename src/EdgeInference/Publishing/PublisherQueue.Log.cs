using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing;

internal sealed partial class PublisherQueue
{
    private void Say(in OutageNewsItem news, string reason)
    {
        switch (news.Kind)
        {
            case OutageNewsKind.Fails:
                LogFailed(stream, name, reason);
                break;
            case OutageNewsKind.WorksAgain:
                LogRecovered(stream, name, news.Away, Lost);
                break;
            case OutageNewsKind.IsUnsteady:
                LogUnsteady(stream, name, news.Outages, news.Span, reason);
                break;
            case OutageNewsKind.IsStillUnsteady:
                LogStillUnsteady(stream, name, news.Outages, news.Span, Lost);
                break;
            case OutageNewsKind.IsSteady:
                LogSteady(stream, name, news.Outages, news.Span, Lost);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(EventId = 3000, Level = LogLevel.Warning, Message = "{Stream}: {Publisher} cannot publish: {Reason} (said once until it works again)")]
    private partial void LogFailed(string stream, string publisher, string reason);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "{Stream}: {Publisher} publishes again after {Away}; {Lost} reports are lost so far")]
    private partial void LogRecovered(string stream, string publisher, Duration away, long lost);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "{Stream}: {Publisher} is too slow: its queue of {Capacity} reports is full, so reports are lost (said once; the count is in the summary)")]
    private partial void LogQueueFull(string stream, string publisher, int capacity);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "{Stream}: {Publisher} is unsteady: it stopped publishing {Outages} times within {Span}, now: {Reason} (from here on a line an hour at most, until it keeps still)")]
    private partial void LogUnsteady(string stream, string publisher, int outages, Duration span, string reason);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "{Stream}: {Publisher} is still unsteady: it stopped publishing {Outages} times in {Span}; {Lost} reports are lost so far")]
    private partial void LogStillUnsteady(string stream, string publisher, int outages, Duration span, long lost);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Information, Message = "{Stream}: {Publisher} publishes steadily again; it had stopped {Outages} times in {Span}; {Lost} reports are lost so far")]
    private partial void LogSteady(string stream, string publisher, int outages, Duration span, long lost);
}
