using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

internal sealed partial class GreengrassCommandTransport
{
    private bool _hasSubscribed;

    private void SaySubscribed(string topic)
    {
        OutageNewsKind kind = _news.Work().Kind;
        if (!_hasSubscribed || kind == OutageNewsKind.WorksAgain)
            LogSubscribed(topic);
        _hasSubscribed = true;
    }

    /// <summary>Where the connection has ended, that is no news: it tells of that itself.</summary>
    private void SayNotSubscribed(string topic, IpcException exception)
    {
        if (exception.Failure == IpcFailure.Ended)
            return;
        if (_news.Fail(exception.IsUnauthorized ? 1 : 0).Kind == OutageNewsKind.None)
            return;
        if (exception.IsUnauthorized)
            LogMayNotSubscribe(topic);
        else
            LogNotSubscribed(topic, exception.Message);
    }

    [LoggerMessage(EventId = 3240, Level = LogLevel.Error, Message = "Greengrass: the nucleus does not allow this component to receive commands from '{Topic}': in the recipe, accessControl (aws.greengrass.ipc.mqttproxy) must allow aws.greengrass#SubscribeToIoTCore on it (tried again and again)")]
    private partial void LogMayNotSubscribe(string topic);

    [LoggerMessage(EventId = 3241, Level = LogLevel.Warning, Message = "Greengrass: no commands can be received from '{Topic}' now: {Reason} (said once until it works again)")]
    private partial void LogNotSubscribed(string topic, string reason);

    [LoggerMessage(EventId = 3242, Level = LogLevel.Information, Message = "Greengrass: the nucleus has subscribed to '{Topic}' for commands")]
    private partial void LogSubscribed(string topic);
}
