using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Delivery;

internal sealed partial class DeliveryLoop
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(EventId = 3020, Message = "{Stream}: {Publisher} cannot deliver: {Reason} (reports wait in the outbox; said once until it works again)")]
    private partial void LogFailing(LogLevel level, string stream, string publisher, string reason);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Information, Message = "{Stream}: {Publisher} delivers again")]
    private partial void LogRecovered(string stream, string publisher);

    [LoggerMessage(EventId = 3022, Level = LogLevel.Error, Message = "{Stream}: {Publisher} refused report {ReportId} for good: {Reason} (it is set aside; see edge-inference outbox list)")]
    private partial void LogSetAside(string stream, string publisher, Guid reportId, string reason);
}
