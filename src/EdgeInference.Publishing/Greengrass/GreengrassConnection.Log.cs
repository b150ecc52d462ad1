using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

internal sealed partial class GreengrassConnection
{
    protected override string Peer => $"{_environment.KindName} at {_environment.SocketPath}";

    protected override void LogConnected(IpcSession session) => LogConnected(Peer);

    protected override void LogConnectedAgain(IpcSession session, Duration away, int attempts) => LogConnectedAgain(Peer, away, attempts);

    [LoggerMessage(EventId = 3220, Level = LogLevel.Information, Message = "Greengrass: connected to the {Nucleus}")]
    private partial void LogConnected(string nucleus);

    [LoggerMessage(EventId = 3221, Level = LogLevel.Warning, Message = "Greengrass: the {Nucleus} is away: {Reason} (reports wait; said once until it is back)")]
    protected override partial void LogAway(string nucleus, string reason);

    [LoggerMessage(EventId = 3222, Level = LogLevel.Error, Message = "Greengrass: no connection to the {Nucleus}: {Reason} (reports wait; it is tried again)")]
    protected override partial void LogNeedsPerson(string nucleus, string reason);

    [LoggerMessage(EventId = 3223, Level = LogLevel.Information, Message = "Greengrass: connected to the {Nucleus} after {Away}, at attempt {Attempts}")]
    private partial void LogConnectedAgain(string nucleus, Duration away, int attempts);

    [LoggerMessage(EventId = 3224, Level = LogLevel.Warning, Message = "Greengrass: the connection to the {Nucleus} is unsteady: it ended {Outages} times within {Span}, now: {Reason} (reports wait; from here on a line an hour at most, until it keeps still)")]
    protected override partial void LogUnsteady(string nucleus, int outages, Duration span, string reason);

    [LoggerMessage(EventId = 3225, Level = LogLevel.Warning, Message = "Greengrass: the connection to the {Nucleus} is still unsteady: it ended {Outages} times in {Span}, away for {Away} in all")]
    protected override partial void LogStillUnsteady(string nucleus, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 3226, Level = LogLevel.Information, Message = "Greengrass: the connection to the {Nucleus} is steady again; it had ended {Outages} times in {Span}, away for {Away} in all")]
    protected override partial void LogSteady(string nucleus, int outages, Duration span, Duration away);

    [LoggerMessage(EventId = 3227, Level = LogLevel.Critical, Message = "Greengrass: the nucleus no longer knows this process, as after it has started anew ({Nucleus}: {Reason}): the service stops with exit code 1, for the nucleus to start it anew; reports are kept")]
    private partial void LogTokenInvalid(string nucleus, string reason);
}
