using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Mqtt;

internal sealed partial class MqttConnection
{
    [LoggerMessage(EventId = 3200, Level = LogLevel.Information, Message = "MQTT: connected to {Broker} ({Description})")]
    private partial void LogConnected(string broker, string description);

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "MQTT: broker {Broker} is away: {Reason} (reports wait; said once until it is back)")]
    private partial void LogAway(string broker, string reason);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Error, Message = "MQTT: no connection to broker {Broker} until somebody mends this: {Reason} (reports wait; it is tried again and again)")]
    private partial void LogNeedsPerson(string broker, string reason);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Warning, Message = "MQTT: reports and password travel unencrypted to {Broker}, because EdgeInference:Mqtt:Tls is false")]
    private partial void LogUnencrypted(string broker);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Warning, Message = "MQTT: the status cannot be published to '{Topic}': {Reason}")]
    private partial void LogStatusFailed(string topic, string reason);
}
