using EdgeInference.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Reporting;

public sealed class ReportScheduleTests
{
    private static readonly ReportReceipt Receipt = new(Guid.NewGuid(), DateTimeOffset.UnixEpoch, 7);

    private readonly FakeTimeProvider _time = new();
    private readonly ReportingControl _control = new(TimeSpan.FromSeconds(1));

    [Fact]
    public void IsDue_BeforeTheFirstInterval_IsFalse()
    {
        var schedule = new ReportSchedule(_control, _time);

        _time.Advance(TimeSpan.FromMilliseconds(999));

        Assert.False(schedule.IsDue);
    }

    [Fact]
    public void IsDue_AfterTheInterval_IsTrueOnce()
    {
        var schedule = new ReportSchedule(_control, _time);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(schedule.IsDue);

        schedule.Advance();

        Assert.False(schedule.IsDue);
    }

    [Fact]
    public void IsDue_IntervalZero_IsAlwaysTrue()
    {
        _control.Interval = TimeSpan.Zero;
        var schedule = new ReportSchedule(_control, _time);
        Assert.True(schedule.IsDue);

        schedule.Advance();

        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void Advance_ReportedALittleLate_KeepsTheBeat()
    {
        var schedule = new ReportSchedule(_control, _time);
        _time.Advance(TimeSpan.FromSeconds(1.3));
        schedule.Advance();

        _time.Advance(TimeSpan.FromSeconds(0.7));

        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void Advance_NothingCameForLong_DoesNotCatchUp()
    {
        var schedule = new ReportSchedule(_control, _time);
        _time.Advance(TimeSpan.FromSeconds(60));

        schedule.Advance();

        Assert.False(schedule.IsDue);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void IsDue_ShorterIntervalThatHasPassed_IsTrueAtOnceAndThenOnItsBeat()
    {
        _control.Interval = TimeSpan.FromHours(1);
        var schedule = new ReportSchedule(_control, _time);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(schedule.IsDue);

        _control.Interval = TimeSpan.FromSeconds(5);

        Assert.True(schedule.IsDue);
        schedule.Advance();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(schedule.IsDue);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void IsDue_LongerInterval_CountsFromTheLastReport()
    {
        var schedule = new ReportSchedule(_control, _time);
        _time.Advance(TimeSpan.FromSeconds(1));
        schedule.Advance();
        _time.Advance(TimeSpan.FromSeconds(0.5));

        _control.Interval = TimeSpan.FromSeconds(10);

        _time.Advance(TimeSpan.FromSeconds(9.4));
        Assert.False(schedule.IsDue);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void IsRequested_OneRightAfterAnother_IsTrueASecondLater()
    {
        var schedule = new ReportSchedule(_control, _time);
        Request();
        Assert.True(schedule.IsRequested);
        Assert.NotNull(schedule.TakeRequest(Receipt));
        Assert.False(schedule.IsRequested);

        Request();

        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(schedule.IsRequested);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(schedule.IsRequested);
    }

    [Fact]
    public void TakeRequest_NobodyAsked_DoesNotPutOffTheFirstOne()
    {
        var schedule = new ReportSchedule(_control, _time);
        Assert.Null(schedule.TakeRequest(Receipt));

        Request();

        Assert.True(schedule.IsRequested);
    }

    private void Request() => _ = _control.RequestReportAsync(TimeSpan.FromMinutes(1), _time, CancellationToken.None);
}
