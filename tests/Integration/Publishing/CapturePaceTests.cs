using Xunit.Sdk;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>What the tests of outages rest on: a stream that stands still and makes up for it afterwards is found.</summary>
public sealed class CapturePaceTests
{
    private static readonly DateTime Start = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    // A report each 0.2 s of 5 frames, for 20 s; the control's began earlier.
    private static readonly CapturedFrame[] Control = [.. Enumerable.Range(0, 600).Select(static i => new CapturedFrame(Start.AddMilliseconds((i - 200) * 50), i * 5 / 4))];

    [Fact]
    public void AssertKept_SamePace_IsKept()
    {
        var pace = CapturePace.Of("line1", [.. Enumerable.Range(0, 100).Select(static i => Reported(i))], Control);

        pace.AssertKept();
        Assert.Equal((495, 495), (pace.Frames, pace.ControlFrames));
        Assert.InRange(pace.MostBehind, 0, 2);
    }

    [Fact]
    public void AssertKept_StandsStillAndCatchesUp_IsNotKept()
    {
        // Nothing comes from 8 s to 14 s, and what was captured meanwhile all at once.
        CapturedFrame[] stream = [.. Enumerable.Range(0, 100).Select(static i => Reported(i) with { Time = Start.AddMilliseconds(i is > 40 and < 70 ? 14_000 : i * 200) })];

        var pace = CapturePace.Of("line1", stream, Control);

        Assert.Equal((495, 495), (pace.Frames, pace.ControlFrames));
        Assert.InRange(pace.MostBehind, 140, 150);
        Assert.ThrowsAny<XunitException>(pace.AssertKept);
    }

    [Fact]
    public void AssertKept_ControlEndsHalfWay_IsNotKept()
    {
        CapturedFrame[] stream = [.. Enumerable.Range(0, 100).Select(static i => Reported(i))];

        var pace = CapturePace.Of("line1", stream, [.. Control.TakeWhile(static frame => frame.Time < Start.AddSeconds(10))]);

        Assert.InRange(pace.MostBehind, 0, 2);
        Assert.ThrowsAny<XunitException>(pace.AssertKept);
    }

    [Fact]
    public void AssertKept_NoControl_IsNotKept() =>
        Assert.ThrowsAny<XunitException>(CapturePace.Of("line1", [Reported(0), Reported(1)], []).AssertKept);

    private static CapturedFrame Reported(int i) => new(Start.AddMilliseconds(i * 200), i * 5);
}
