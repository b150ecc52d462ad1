using EdgeInference.Service.CommandLine.Model;

namespace EdgeInference.Service.Tests.CommandLine;

public sealed class BenchedModelTests
{
    [Theory]
    [InlineData(1, 50, 1)]
    [InlineData(1, 99, 1)]
    [InlineData(4, 50, 2)]
    [InlineData(100, 95, 95)]
    [InlineData(100, 99, 99)]
    [InlineData(101, 99, 100)]
    [InlineData(1000, 99, 990)]
    public void Percentile_OneToCount_IsTheSmallestThatSoManyDoNotExceed(int count, int percent, int expected) =>
        Assert.Equal(expected, BenchedModel.Percentile([.. Enumerable.Range(1, count).Select(static i => (double)i)], percent));
}
