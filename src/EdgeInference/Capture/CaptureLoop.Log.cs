using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

internal sealed partial class CaptureLoop
{
    /// <param name="news">What there is to say.</param>
    /// <param name="what">The source, and where it was lost the reason.</param>
    private void Say(in OutageNewsItem news, string what)
    {
        switch (news.Kind)
        {
            case OutageNewsKind.Fails:
                LogLost(stream, what);
                break;
            case OutageNewsKind.WorksAgain:
                LogReconnected(stream, what, news.Away, news.Failures);
                break;
            case OutageNewsKind.IsUnsteady:
                LogUnsteady(stream, what, news.Outages, news.Span);
                break;
            case OutageNewsKind.IsStillUnsteady:
                LogStillUnsteady(stream, what, news.Outages, news.Span, news.Away);
                break;
            case OutageNewsKind.IsSteady:
                LogSteady(stream, what, news.Outages, news.Span, news.Away);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(EventId = 1100, Level = LogLevel.Warning, Message = "{Stream}: lost: {Reason}; connecting again until it is back")]
    private partial void LogLost(string stream, string reason);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "{Stream}: {Source} is back after {Away}, at attempt {Attempts}")]
    private partial void LogReconnected(string stream, string source, Duration away, int attempts);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "{Stream}: unsteady: lost {Outages} times within {Span}, now: {Reason} (from here on a line an hour at most, until it keeps still)")]
    private partial void LogUnsteady(string stream, string reason, int outages, Duration span);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Warning, Message = "{Stream}: still unsteady: lost {Outages} times in {Span}, {Away} without pictures: {Reason}")]
    private partial void LogStillUnsteady(string stream, string reason, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Information, Message = "{Stream}: {Source} is steady again; it was lost {Outages} times in {Span}, {Away} without pictures")]
    private partial void LogSteady(string stream, string source, int outages, Duration span, Duration away);
}
