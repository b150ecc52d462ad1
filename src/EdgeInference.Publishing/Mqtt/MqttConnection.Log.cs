using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Mqtt;

internal sealed partial class MqttConnection
{
    protected override string Peer => Endpoint.Address;

    protected override void LogConnected(MqttSession session) => LogConnected(Peer, session.Description);

    protected override void LogConnectedAgain(MqttSession session, Duration away, int attempts) => LogConnectedAgain(Peer, away, attempts, session.Description);

    [LoggerMessage(EventId = 3200, Level = LogLevel.Information, Message = "MQTT: connected to {Broker} ({Description})")]
    private partial void LogConnected(string broker, string description);

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "MQTT: broker {Broker} is away: {Reason} (reports wait; said once until it is back)")]
    protected override partial void LogAway(string broker, string reason);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Error, Message = "MQTT: no connection to broker {Broker} until somebody mends this: {Reason} (reports wait; it is tried again and again)")]
    protected override partial void LogNeedsPerson(string broker, string reason);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Warning, Message = "MQTT: reports and password travel unencrypted to {Broker}, because EdgeInference:Mqtt:Tls is false")]
    private partial void LogUnencrypted(string broker);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Warning, Message = "MQTT: the status cannot be published to '{Topic}': {Reason}")]
    private partial void LogStatusFailed(string topic, string reason);

    [LoggerMessage(EventId = 3205, Level = LogLevel.Information, Message = "MQTT: connected to {Broker} after {Away}, at attempt {Attempts} ({Description})")]
    private partial void LogConnectedAgain(string broker, Duration away, int attempts, string description);

    [LoggerMessage(EventId = 3206, Level = LogLevel.Warning, Message = "MQTT: the connection to {Broker} is unsteady: it ended {Outages} times within {Span}, now: {Reason} (reports wait; from here on a line an hour at most, until it keeps still)")]
    protected override partial void LogUnsteady(string broker, int outages, Duration span, string reason);

    [LoggerMessage(EventId = 3207, Level = LogLevel.Warning, Message = "MQTT: the connection to {Broker} is still unsteady: it ended {Outages} times in {Span}, away for {Away} in all")]
    protected override partial void LogStillUnsteady(string broker, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 3208, Level = LogLevel.Information, Message = "MQTT: the connection to {Broker} is steady again; it had ended {Outages} times in {Span}, away for {Away} in all")]
    protected override partial void LogSteady(string broker, int outages, Duration span, Duration away);
}
