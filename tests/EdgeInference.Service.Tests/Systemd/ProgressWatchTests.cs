using EdgeInference.Service.Systemd;
using static EdgeInference.Service.Tests.Systemd.Views;

namespace EdgeInference.Service.Tests.Systemd;

public sealed class ProgressWatchTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ProgressWatch _watch = new();

    [Fact]
    public void Look_SilentUpToItsLimit_IsNotLate() => Assert.Null(LookFor(Limit, static _ => Running("a")));

    [Fact]
    public void Look_SilentBeyondItsLimit_IsLateAndSaysInWhat()
    {
        LatePart? late = LookFor(Limit + Second, static _ => Running("a"));

        Assert.NotNull(late);
        Assert.Equal(("a", "capture", "reading", Limit + Second), (late.Stream, late.Part.Name, late.Part.Activity.Description, late.Silent));
    }

    [Fact]
    public void Look_OneFrameAMomentBeforeTheLimit_IsNotLateForAnotherLimit()
    {
        Assert.Null(LookFor(Limit, static _ => Running("a")));
        Assert.Null(LookFor(Limit, static _ => Running("a", signs: 1)));

        Assert.NotNull(_watch.Look([Running("a", signs: 1)], Second));
    }

    [Fact]
    public void Look_TakesUpSomethingElse_BeginsAnew()
    {
        LookFor(Limit, static _ => Running("a"));

        Assert.Null(LookFor(Limit, static _ => Running("a", activity: Lost)));

        Assert.NotNull(_watch.Look([Running("a", activity: Lost)], Second));
    }

    /// <summary>Each attempt to reach a camera that is away is one.</summary>
    [Fact]
    public void Look_DeclaresTheSameAgain_IsASignOfLife() =>
        Assert.Null(LookFor(Limit * 10, static second => Running("a", activity: Lost, signs: second / 15)));

    [Fact]
    public void Look_WithoutALimit_IsNeverLate() =>
        Assert.Null(LookFor(TimeSpan.FromDays(1), static _ => Running("a", activity: Idle)));

    [Fact]
    public void Look_OneOfSeveralIsLate_NamesIt()
    {
        LatePart? late = null;
        for (int second = 0; second <= Limit.TotalSeconds + 1; second++)
            late = _watch.Look([Running("a", signs: second), Running("b"), Running("c", signs: second)], Second);

        Assert.Equal("b", late?.Stream);
    }

    [Fact]
    public void Look_ProgressAfterBeingLate_IsNotLateAnyMore()
    {
        Assert.NotNull(LookFor(Limit + Second, static _ => Running("a")));

        Assert.Null(_watch.Look([Running("a", signs: 1)], Second));
    }

    [Fact]
    public void Look_StartedAnew_BeginsAnew()
    {
        LookFor(Limit, static _ => Running("a"));
        Assert.Null(_watch.Look([Starting("a")], Second));

        Assert.Null(LookFor(Limit, static _ => Running("a")));
    }

    [Fact]
    public void Look_EndedOrFailed_DoesNotCount()
    {
        LookFor(Limit, static _ => Running("a"));

        Assert.Null(_watch.Look([Ended("a"), Faulted("b")], TimeSpan.FromDays(1)));
    }

    [Fact]
    public void Look_CompilesForTooLong_IsLate()
    {
        Assert.Null(LookFor(TimeSpan.FromMinutes(30), static _ => Starting("a")));

        Assert.Equal("compiling its model", _watch.Look([Starting("a")], Second)?.Part.Activity.Description);
    }

    /// <summary>However long the clock says it was: one look is one interval.</summary>
    [Fact]
    public void Look_MachineSleptBetweenTwoLooks_IsNotLate()
    {
        Assert.Null(_watch.Look([Running("a")], Second));

        Assert.Null(_watch.Look([Running("a")], Second));
    }

    /// <summary>Looks once a second, first at what is new.</summary>
    private LatePart? LookFor(TimeSpan time, Func<int, StreamView> stream)
    {
        LatePart? late = null;
        for (int second = 0; second <= time.TotalSeconds; second++)
            late = _watch.Look([stream(second)], Second);
        return late;
    }
}
