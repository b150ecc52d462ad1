using EdgeInference.Reporting;
using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Tests.Configuration;

public sealed class OptionValueTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1000)]
    [InlineData("0.25", 250)]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("00:00:01.5", 1500)]
    [InlineData(" 2 ", 2000)]
    public void TryRead_Duration_TakesSecondsUnitsAndClock(string text, double milliseconds)
    {
        Assert.True(OptionValue.TryRead(text, typeof(TimeSpan), out object? value, out _));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("soon", typeof(TimeSpan))]
    [InlineData("1 week", typeof(TimeSpan))]
    [InlineData("1e300", typeof(TimeSpan))]
    [InlineData("NaN", typeof(TimeSpan))]
    [InlineData("25:61:00", typeof(TimeSpan))]
    [InlineData("1.5", typeof(int))]
    [InlineData("", typeof(int))]
    [InlineData("maybe", typeof(bool))]
    [InlineData("0,5", typeof(float))]
    [InlineData("1", typeof(ReportWhen))]
    public void TryRead_TextThatDoesNotFit_SaysWhatIsAllowed(string text, Type type)
    {
        Assert.False(OptionValue.TryRead(text, type, out _, out string allowed));
        Assert.NotEmpty(allowed);
    }

    [Theory]
    [InlineData("True", typeof(bool), true)]
    [InlineData("0", typeof(bool), false)]
    [InlineData("change", typeof(ReportWhen), ReportWhen.Change)]
    [InlineData("-3", typeof(int?), -3)]
    [InlineData("0.5", typeof(float), 0.5f)]
    [InlineData(" kept ", typeof(string), " kept ")]
    public void TryRead_TextThatFits_IsRead(string text, Type type, object expected)
    {
        Assert.True(OptionValue.TryRead(text, type, out object? value, out _));
        Assert.Equal(expected, value);
    }
}
