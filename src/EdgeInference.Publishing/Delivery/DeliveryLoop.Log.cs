using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Delivery;

internal sealed partial class DeliveryLoop
{
    private readonly ILogger _logger = logger;

    private void Say(in OutageNewsItem news, PublishFailure failure, string reason)
    {
        LogLevel level = failure == PublishFailure.Temporary ? LogLevel.Warning : LogLevel.Error;
        switch (news.Kind)
        {
            case OutageNewsKind.Fails:
                LogFailing(level, Key.Stream, Key.Publisher, reason);
                break;
            case OutageNewsKind.WorksAgain:
                LogRecovered(Key.Stream, Key.Publisher, news.Away, news.Failures);
                break;
            case OutageNewsKind.IsUnsteady:
                LogUnsteady(level, Key.Stream, Key.Publisher, news.Outages, news.Span, reason);
                break;
            case OutageNewsKind.IsStillUnsteady:
                LogStillUnsteady(Key.Stream, Key.Publisher, news.Outages, news.Span, news.Away);
                break;
            case OutageNewsKind.IsSteady:
                LogSteady(Key.Stream, Key.Publisher, news.Outages, news.Span, news.Away);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(EventId = 3020, Message = "{Stream}: {Publisher} cannot deliver: {Reason} (reports wait in the outbox; said once until it works again)")]
    private partial void LogFailing(LogLevel level, string stream, string publisher, string reason);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Information, Message = "{Stream}: {Publisher} delivers again after {Away}; it failed {Failures} times")]
    private partial void LogRecovered(string stream, string publisher, Duration away, int failures);

    [LoggerMessage(EventId = 3022, Level = LogLevel.Error, Message = "{Stream}: {Publisher} refused report {ReportId} for good: {Reason} (it is set aside; see edge-inference outbox list)")]
    private partial void LogSetAside(string stream, string publisher, Guid reportId, string reason);

    [LoggerMessage(EventId = 3023, Message = "{Stream}: {Publisher} is unsteady: it stopped delivering {Outages} times within {Span}, now: {Reason} (reports wait in the outbox; from here on a line an hour at most, until it keeps still)")]
    private partial void LogUnsteady(LogLevel level, string stream, string publisher, int outages, Duration span, string reason);

    [LoggerMessage(EventId = 3024, Level = LogLevel.Warning, Message = "{Stream}: {Publisher} is still unsteady: it stopped delivering {Outages} times in {Span}, for {Away} in all")]
    private partial void LogStillUnsteady(string stream, string publisher, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 3025, Level = LogLevel.Information, Message = "{Stream}: {Publisher} delivers steadily again; it had stopped {Outages} times in {Span}, for {Away} in all")]
    private partial void LogSteady(string stream, string publisher, int outages, Duration span, Duration away);
}
