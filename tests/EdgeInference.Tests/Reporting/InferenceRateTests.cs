using EdgeInference.Reporting;

namespace EdgeInference.Tests.Reporting;

public sealed class InferenceRateTests
{
    private readonly InferenceRate _rate = new();

    [Fact]
    public void Measure_SinceTheLastReport_CountsOnlyThatSpan()
    {
        Assert.Equal(10, _rate.Measure(10, TimeSpan.FromSeconds(1)));

        Assert.Equal(30, _rate.Measure(25, TimeSpan.FromSeconds(1.5)));
    }

    [Fact]
    public void Measure_ResultsThatEndTogether_RepeatsTheFigure()
    {
        double first = _rate.Measure(1, TimeSpan.FromSeconds(0.01));

        Assert.Equal(100, first);
        Assert.Equal(100, _rate.Measure(2, TimeSpan.FromSeconds(0.01)));
        Assert.Equal(100, _rate.Measure(3, TimeSpan.FromSeconds(0.0101)));
    }

    [Fact]
    public void Measure_ATenthOfASecondLater_TakesAllFramesSince()
    {
        _rate.Measure(1, TimeSpan.FromSeconds(0.01));
        _rate.Measure(5, TimeSpan.FromSeconds(0.05));

        Assert.Equal(90, _rate.Measure(10, TimeSpan.FromSeconds(0.11)), 6);
    }

    [Fact]
    public void Measure_NothingInFlightYet_IsZero() => Assert.Equal(0, _rate.Measure(0, TimeSpan.Zero));
}
