using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Mqtt;

internal sealed partial class MqttConnection
{
    private void SayConnected(MqttSession session)
    {
        OutageNewsItem news = _news.Work();
        if (news.Kind == OutageNewsKind.WorksAgain)
            LogConnectedAgain(Endpoint.Address, news.Away, news.Failures, session.Description);
        else if (!_news.IsUnsteady)
            LogConnected(Endpoint.Address, session.Description);
        else
            Say(news);
    }

    private void SayTrouble(MqttTrouble trouble)
    {
        OutageNewsItem news = _news.Fail((int)trouble.Kind);
        if (news.Kind == OutageNewsKind.IsUnsteady)
            LogUnsteady(Endpoint.Address, news.Outages, news.Span, trouble.Reason);
        else if (news.Kind != OutageNewsKind.Fails)
            Say(news);
        else if (trouble.NeedsPerson)
            LogNeedsPerson(Endpoint.Address, trouble.Reason);
        else
            LogAway(Endpoint.Address, trouble.Reason);
    }

    private void Say(in OutageNewsItem news)
    {
        if (news.Kind == OutageNewsKind.IsStillUnsteady)
            LogStillUnsteady(Endpoint.Address, news.Outages, news.Span, news.Away);
        else if (news.Kind == OutageNewsKind.IsSteady)
            LogSteady(Endpoint.Address, news.Outages, news.Span, news.Away);
    }

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

    [LoggerMessage(EventId = 3205, Level = LogLevel.Information, Message = "MQTT: connected to {Broker} after {Away}, at attempt {Attempts} ({Description})")]
    private partial void LogConnectedAgain(string broker, Duration away, int attempts, string description);

    [LoggerMessage(EventId = 3206, Level = LogLevel.Warning, Message = "MQTT: the connection to {Broker} is unsteady: it ended {Outages} times within {Span}, now: {Reason} (reports wait; from here on a line an hour at most, until it keeps still)")]
    private partial void LogUnsteady(string broker, int outages, Duration span, string reason);

    [LoggerMessage(EventId = 3207, Level = LogLevel.Warning, Message = "MQTT: the connection to {Broker} is still unsteady: it ended {Outages} times in {Span}, away for {Away} in all")]
    private partial void LogStillUnsteady(string broker, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 3208, Level = LogLevel.Information, Message = "MQTT: the connection to {Broker} is steady again; it had ended {Outages} times in {Span}, away for {Away} in all")]
    private partial void LogSteady(string broker, int outages, Duration span, Duration away);
}
