using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Mqtt;

internal sealed partial class MqttCommandTransport
{
    private bool _hasSubscribed;

    /// <summary>That it subscribes anew after each loss of the connection is no news: the connection tells of that.</summary>
    private void Say(string topic, string? refusal)
    {
        OutageNewsItem news = refusal is null ? _news.Work() : _news.Fail();
        if (refusal is null && (!_hasSubscribed || news.Kind == OutageNewsKind.WorksAgain))
            LogSubscribed(topic);
        else if (refusal is not null && news.Kind is OutageNewsKind.Fails or OutageNewsKind.IsUnsteady)
            LogRefused(topic, refusal);
        _hasSubscribed |= refusal is null;
    }

    [LoggerMessage(EventId = 3210, Level = LogLevel.Information, Message = "MQTT: takes commands from '{Topic}'")]
    private partial void LogSubscribed(string topic);

    [LoggerMessage(EventId = 3211, Level = LogLevel.Error, Message = "MQTT: takes no commands from '{Topic}': {Reason} (reports go on; it is tried again every minute, and said once until it works)")]
    private partial void LogRefused(string topic, string reason);
}
