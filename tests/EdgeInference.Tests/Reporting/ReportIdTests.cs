using EdgeInference.Reporting;

namespace EdgeInference.Tests.Reporting;

public sealed class ReportIdTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 34, 56, 789, TimeSpan.Zero);

    [Fact]
    public void Create_TimesWithinOneMillisecond_SortByTime()
    {
        string[] ids = [.. Enumerable.Range(0, 1000).Select(static i => ReportId.Create(Time.AddMicroseconds(i)).ToString())];

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Create_IsOfVersion7AndHoldsItsTime()
    {
        var id = ReportId.Create(Time.AddMicroseconds(999.9));

        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        Assert.Equal(Time.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString("N")[..12], 16));
    }

    [Fact]
    public void Create_SameTime_StillDiffers() => Assert.NotEqual(ReportId.Create(Time), ReportId.Create(Time));
}
