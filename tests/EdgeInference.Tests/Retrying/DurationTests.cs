using EdgeInference.Retrying;

namespace EdgeInference.Tests.Retrying;

public sealed class DurationTests
{
    [Theory]
    [InlineData(0, "0.0 s")]
    [InlineData(1.26, "1.3 s")]
    [InlineData(10, "10 s")]
    [InlineData(119.9, "119 s")]
    [InlineData(120, "2 min")]
    [InlineData(7199, "119 min")]
    [InlineData(7200, "2 h")]
    [InlineData((48 * 3600) - 1, "47 h")]
    [InlineData(48 * 3600, "2 days")]
    [InlineData(400 * 86400, "400 days")]
    public void ToString_Span_IsInTheLargestUnitOfWhichThereAreTwo(double seconds, string expected) =>
        Assert.Equal(expected, new Duration(TimeSpan.FromSeconds(seconds)).ToString());
}
