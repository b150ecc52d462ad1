using EdgeInference.Service.Systemd;
using static EdgeInference.Service.Tests.Systemd.Views;

namespace EdgeInference.Service.Tests.Systemd;

public sealed class ReadinessTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Readiness _readiness = new();

    [Fact]
    public void Look_EveryStreamHasInferred_IsReady()
    {
        Assert.Empty(_readiness.Look([Running("a", inferred: 1), Running("b")], Second));
        Assert.False(_readiness.IsReady);

        Assert.Empty(_readiness.Look([Running("a", inferred: 9), Running("b", inferred: 1)], Second));

        Assert.True(_readiness.IsReady);
    }

    [Fact]
    public void Look_TheOthersHaveAReason_IsReady()
    {
        _readiness.Look([Running("a", inferred: 1), Faulted("b"), Ended("c"), Running("d", activity: Lost)], Second);

        Assert.True(_readiness.IsReady);
    }

    [Fact]
    public void Look_AllHaveFailed_IsNotReady()
    {
        _readiness.Look([Faulted("a"), Faulted("b")], Second);

        Assert.False(_readiness.IsReady);
    }

    /// <summary>Before the supervisor has started them.</summary>
    [Fact]
    public void Look_NoStreamYet_IsNotReady()
    {
        _readiness.Look([], Second);

        Assert.False(_readiness.IsReady);
    }

    [Fact]
    public void Look_ConnectingForTheFirstTime_IsNotReady()
    {
        _readiness.Look([Running("a", activity: Connecting)], Second);

        Assert.False(_readiness.IsReady);
    }

    [Fact]
    public void Look_AStreamThatRunsStaysSilent_IsToldOnceAndWaitedForNoLonger()
    {
        for (TimeSpan waited = Second; waited < Readiness.Patience; waited += Second)
        {
            Assert.Empty(_readiness.Look([Running("quiet"), Starting("slow")], Second));
            Assert.False(_readiness.IsReady);
        }

        Assert.Equal("quiet", Assert.Single(_readiness.Look([Running("quiet"), Starting("slow")], Second)).Name);
        Assert.Empty(_readiness.Look([Running("quiet"), Starting("slow")], Second));
        Assert.False(_readiness.IsReady);
        Assert.Empty(_readiness.Look([Running("quiet"), Running("slow", inferred: 1)], Second));
        Assert.True(_readiness.IsReady);
    }

    [Fact]
    public void Look_AModelIsCompiledForLong_IsNotReadyHoweverLongItTakes()
    {
        for (int i = 0; i < 1000; i++)
            Assert.Empty(_readiness.Look([Starting("a")], TimeSpan.FromMinutes(1)));

        Assert.False(_readiness.IsReady);
    }

    [Fact]
    public void Look_ReadyOnce_StaysReady()
    {
        _readiness.Look([Running("a", inferred: 1)], Second);

        Assert.Empty(_readiness.Look([Starting("a"), Starting("b")], Second));

        Assert.True(_readiness.IsReady);
    }
}
