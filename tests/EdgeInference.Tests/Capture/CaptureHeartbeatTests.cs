using EdgeInference.Capture;
using EdgeInference.Streams;

namespace EdgeInference.Tests.Capture;

public sealed class CaptureHeartbeatTests
{
    private static readonly TimeSpan Connect = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(5);

    [Fact]
    public void LiveSource_ItsWholeLife_DeclaresEachStateWithItsLimit()
    {
        var heartbeat = new CaptureHeartbeat(isLive: true, Connect, Stall);
        List<StreamActivity> activities = [];
        heartbeat.Connect();
        activities.Add(heartbeat.Activity);
        heartbeat.Read();
        activities.Add(heartbeat.Activity);
        heartbeat.Lose();
        activities.Add(heartbeat.Activity);
        heartbeat.Connect();
        activities.Add(heartbeat.Activity);
        heartbeat.Read();
        activities.Add(heartbeat.Activity);
        heartbeat.Connect();
        activities.Add(heartbeat.Activity);

        TimeSpan slack = StreamActivity.Slack;
        Assert.Equal(
            [
                new StreamActivity(ActivityKind.Preparation, "connecting", Connect + slack),
                new StreamActivity(ActivityKind.Work, "reading", Stall + slack),
                new StreamActivity(ActivityKind.Outage, "lost", TimeSpan.FromSeconds(30) + slack),
                new StreamActivity(ActivityKind.Outage, "lost", Connect + slack),
                new StreamActivity(ActivityKind.Work, "reading", Stall + slack),
                new StreamActivity(ActivityKind.Preparation, "connecting", Connect + slack),
            ],
            activities);
    }

    [Fact]
    public void Read_EveryFrameAfterTheFirst_DeclaresNothing()
    {
        var heartbeat = new CaptureHeartbeat(isLive: true, Connect, Stall);
        heartbeat.Read();
        long before = heartbeat.Declarations;

        heartbeat.Read();
        heartbeat.Read();

        Assert.Equal(before, heartbeat.Declarations);
    }

    /// <summary>Each is a sign of life, also where nothing else changes.</summary>
    [Fact]
    public void Lose_AgainAndAgain_IsDeclaredEachTime()
    {
        var heartbeat = new CaptureHeartbeat(isLive: true, Connect, Stall);

        heartbeat.Lose();
        heartbeat.Connect();
        heartbeat.Lose();

        Assert.Equal(3, heartbeat.Declarations);
    }

    [Fact]
    public void File_TakesItsTime()
    {
        var heartbeat = new CaptureHeartbeat(isLive: false, Connect, Stall);

        heartbeat.Connect();
        Assert.Null(heartbeat.Activity.Limit);
        heartbeat.Read();
        Assert.Null(heartbeat.Activity.Limit);
    }
}
