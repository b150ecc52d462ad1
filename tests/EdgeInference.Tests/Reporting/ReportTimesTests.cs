using EdgeInference.Reporting;

namespace EdgeInference.Tests.Reporting;

public sealed class ReportTimesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly ReportTimes _times = new();

    [Fact]
    public void Next_ClockGoesOn_IsTheTimeToTheMicrosecond()
    {
        Assert.Equal(Noon, _times.Next(Noon));
        Assert.Equal(Noon.AddMicroseconds(5), _times.Next(Noon.AddMicroseconds(5).AddTicks(7)));
        Assert.Equal(Noon.AddYears(10), _times.Next(Noon.AddYears(10)));
    }

    [Fact]
    public void Next_SameMicrosecond_IsTheNextOne()
    {
        DateTimeOffset[] times = [_times.Next(Noon), _times.Next(Noon.AddTicks(3)), _times.Next(Noon)];

        Assert.Equal([Noon, Noon.AddMicroseconds(1), Noon.AddMicroseconds(2)], times);
    }

    [Fact]
    public void Next_ClockSetBackAgainAndAgain_GivesNoTimeTwice()
    {
        HashSet<DateTimeOffset> times = [];
        for (int turn = 0; turn < 10; turn++)
        {
            for (int i = 0; i < 100; i++)
                Assert.True(times.Add(_times.Next(Noon.AddMilliseconds(i))), $"turn {turn}, report {i}");
        }
    }

    [Fact]
    public void Next_ClockCatchesUp_IsPlainAgain()
    {
        _times.Next(Noon);
        Assert.Equal(Noon.AddHours(-5).AddTicks(1), _times.Next(Noon.AddHours(-5)));
        Assert.Equal(Noon.AddTicks(1), _times.Next(Noon));

        Assert.Equal(Noon.AddSeconds(1), _times.Next(Noon.AddSeconds(1)));
        Assert.Equal(Noon.AddTicks(2), _times.Next(Noon));
    }
}
