using EdgeInference.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Reporting;

public sealed class ReportScheduleTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void IsDue_BeforeTheFirstInterval_IsFalse()
    {
        var schedule = new ReportSchedule(TimeSpan.FromSeconds(1), _time);

        _time.Advance(TimeSpan.FromMilliseconds(999));

        Assert.False(schedule.IsDue);
    }

    [Fact]
    public void IsDue_AfterTheInterval_IsTrueOnce()
    {
        var schedule = new ReportSchedule(TimeSpan.FromSeconds(1), _time);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(schedule.IsDue);

        schedule.Advance();

        Assert.False(schedule.IsDue);
    }

    [Fact]
    public void IsDue_IntervalZero_IsAlwaysTrue()
    {
        var schedule = new ReportSchedule(TimeSpan.Zero, _time);
        Assert.True(schedule.IsDue);

        schedule.Advance();

        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void Advance_ReportedALittleLate_KeepsTheBeat()
    {
        var schedule = new ReportSchedule(TimeSpan.FromSeconds(1), _time);
        _time.Advance(TimeSpan.FromSeconds(1.3));
        schedule.Advance();

        _time.Advance(TimeSpan.FromSeconds(0.7));

        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void Advance_NothingCameForLong_DoesNotCatchUp()
    {
        var schedule = new ReportSchedule(TimeSpan.FromSeconds(1), _time);
        _time.Advance(TimeSpan.FromSeconds(60));

        schedule.Advance();

        Assert.False(schedule.IsDue);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(schedule.IsDue);
    }
}
