using EdgeInference.Retrying;
using EdgeInference.Streams;

namespace EdgeInference.Capture;

/// <summary>What capture is at. A live source is connected to, read or away, and none of these for long; a file takes its time.</summary>
internal sealed class CaptureHeartbeat
{
    private const string Lost = "lost";

    private readonly StreamActivity _connecting;
    private readonly StreamActivity _reading;
    private readonly StreamActivity _connectingAgain;
    private readonly StreamActivity _waiting;
    private readonly Heartbeat _heartbeat;
    private bool _isAway;

    /// <param name="isLive">Whether the source is live.</param>
    /// <param name="connectTimeout">How long a live source may take to its first picture.</param>
    /// <param name="stallTimeout">How long it may go without one.</param>
    public CaptureHeartbeat(bool isLive, TimeSpan connectTimeout, TimeSpan stallTimeout)
    {
        _connecting = new StreamActivity(ActivityKind.Preparation, "connecting", Limit(connectTimeout));
        _reading = new StreamActivity(ActivityKind.Work, "reading", Limit(stallTimeout));
        _connectingAgain = new StreamActivity(ActivityKind.Outage, Lost, Limit(connectTimeout));
        _waiting = new StreamActivity(ActivityKind.Outage, Lost, Limit(RetryBackoff.Longest));
        _heartbeat = new Heartbeat(_connecting);

        TimeSpan? Limit(TimeSpan timeout) => isLive ? timeout + StreamActivity.Slack : null;
    }

    public StreamActivity Activity => _heartbeat.Activity;

    public long Declarations => _heartbeat.Declarations;

    public void Connect() => _heartbeat.Declare(_isAway ? _connectingAgain : _connecting);

    /// <summary>A frame has come; only the first one of a connection changes anything.</summary>
    public void Read()
    {
        if (_heartbeat.Activity == _reading)
            return;
        _isAway = false;
        _heartbeat.Declare(_reading);
    }

    public void Lose()
    {
        _isAway = true;
        _heartbeat.Declare(_waiting);
    }
}
