using EdgeInference.Retrying;

namespace EdgeInference.Publishing.Connections;

internal abstract partial class KeptConnection<TSession, TTrouble>
{
    /// <summary>What the connection leads to, as it stands in the log.</summary>
    protected abstract string Peer { get; }

    protected abstract void LogConnected(TSession session);

    protected abstract void LogConnectedAgain(TSession session, Duration away, int attempts);

    protected abstract void LogAway(string peer, string reason);

    protected abstract void LogNeedsPerson(string peer, string reason);

    protected abstract void LogUnsteady(string peer, int outages, Duration span, string reason);

    protected abstract void LogStillUnsteady(string peer, int outages, Duration span, Duration away);

    protected abstract void LogSteady(string peer, int outages, Duration span, Duration away);

    private void SayConnected(TSession session)
    {
        OutageNewsItem news = _news.Work();
        if (news.Kind == OutageNewsKind.WorksAgain)
            LogConnectedAgain(session, news.Away, news.Failures);
        else if (!_news.IsUnsteady)
            LogConnected(session);
        else
            Say(news);
    }

    private void SayTrouble(TTrouble trouble)
    {
        OutageNewsItem news = _news.Fail(trouble.KindNumber);
        if (news.Kind == OutageNewsKind.IsUnsteady)
            LogUnsteady(Peer, news.Outages, news.Span, trouble.Reason);
        else if (news.Kind != OutageNewsKind.Fails)
            Say(news);
        else if (trouble.NeedsPerson)
            LogNeedsPerson(Peer, trouble.Reason);
        else
            LogAway(Peer, trouble.Reason);
    }

    private void Say(in OutageNewsItem news)
    {
        if (news.Kind == OutageNewsKind.IsStillUnsteady)
            LogStillUnsteady(Peer, news.Outages, news.Span, news.Away);
        else if (news.Kind == OutageNewsKind.IsSteady)
            LogSteady(Peer, news.Outages, news.Span, news.Away);
    }
}
