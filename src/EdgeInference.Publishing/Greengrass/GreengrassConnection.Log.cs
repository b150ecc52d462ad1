using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

internal sealed partial class GreengrassConnection
{
    private string Nucleus => $"{_environment.KindName} at {_environment.SocketPath}";

    private void SayConnected()
    {
        OutageNewsItem news = _news.Work();
        if (news.Kind == OutageNewsKind.WorksAgain)
            LogConnectedAgain(Nucleus, news.Away, news.Failures);
        else if (!_news.IsUnsteady)
            LogConnected(Nucleus);
        else
            Say(news);
    }

    private void SayTrouble(IpcTrouble trouble)
    {
        OutageNewsItem news = _news.Fail((int)trouble.Kind);
        if (news.Kind == OutageNewsKind.IsUnsteady)
            LogUnsteady(Nucleus, news.Outages, news.Span, trouble.Reason);
        else if (news.Kind != OutageNewsKind.Fails)
            Say(news);
        else if (trouble.NeedsPerson)
            LogUnusable(Nucleus, trouble.Reason);
        else
            LogAway(Nucleus, trouble.Reason);
    }

    private void Say(in OutageNewsItem news)
    {
        if (news.Kind == OutageNewsKind.IsStillUnsteady)
            LogStillUnsteady(Nucleus, news.Outages, news.Span, news.Away);
        else if (news.Kind == OutageNewsKind.IsSteady)
            LogSteady(Nucleus, news.Outages, news.Span, news.Away);
    }

    [LoggerMessage(EventId = 3220, Level = LogLevel.Information, Message = "Greengrass: connected to the {Nucleus}")]
    private partial void LogConnected(string nucleus);

    [LoggerMessage(EventId = 3221, Level = LogLevel.Warning, Message = "Greengrass: the {Nucleus} is away: {Reason} (reports wait; said once until it is back)")]
    private partial void LogAway(string nucleus, string reason);

    [LoggerMessage(EventId = 3222, Level = LogLevel.Error, Message = "Greengrass: no connection to the {Nucleus}: {Reason} (reports wait; it is tried again)")]
    private partial void LogUnusable(string nucleus, string reason);

    [LoggerMessage(EventId = 3223, Level = LogLevel.Information, Message = "Greengrass: connected to the {Nucleus} after {Away}, at attempt {Attempts}")]
    private partial void LogConnectedAgain(string nucleus, Duration away, int attempts);

    [LoggerMessage(EventId = 3224, Level = LogLevel.Warning, Message = "Greengrass: the connection to the {Nucleus} is unsteady: it ended {Outages} times within {Span}, now: {Reason} (reports wait; from here on a line an hour at most, until it keeps still)")]
    private partial void LogUnsteady(string nucleus, int outages, Duration span, string reason);

    [LoggerMessage(EventId = 3225, Level = LogLevel.Warning, Message = "Greengrass: the connection to the {Nucleus} is still unsteady: it ended {Outages} times in {Span}, away for {Away} in all")]
    private partial void LogStillUnsteady(string nucleus, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 3226, Level = LogLevel.Information, Message = "Greengrass: the connection to the {Nucleus} is steady again; it had ended {Outages} times in {Span}, away for {Away} in all")]
    private partial void LogSteady(string nucleus, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 3227, Level = LogLevel.Critical, Message = "Greengrass: the nucleus has started anew and no longer knows this process ({Nucleus}: {Reason}): the service stops with exit code 1, for the nucleus to start it anew; reports are kept")]
    private partial void LogTokenInvalid(string nucleus, string reason);
}
