using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Tests.Quantization;

public sealed class LevelSpanTests
{
    [Theory]
    [InlineData(-0.1f, 0)]
    [InlineData(0.5f, 0)]
    [InlineData(1.5f, 2)]
    [InlineData(2.5f, 2)]
    [InlineData(254.4f, 254)]
    [InlineData(300, 255)]
    public void Apply_UnitSteps_RoundsHalfToEvenWithinTheBounds(float x, float expected) =>
        Assert.Equal(expected, new LevelSpan(0, 255, 0, 255, 256).Apply(x));

    [Theory]
    [InlineData(-2, 10)]
    [InlineData(-1, 10)]
    [InlineData(-0.9f, 30)]
    [InlineData(0.1f, 20)]
    [InlineData(0.9f, 10)]
    [InlineData(1.1f, 30)]
    public void Apply_InvertedInput_TakesTheLowOutputBelowAndTheHighOneAbove(float x, float expected) =>
        Assert.Equal(expected, new LevelSpan(1, -1, 10, 30, 3).Apply(x));

    [Theory]
    [InlineData(0.5f, -1)]
    [InlineData(0.51f, 1)]
    public void Apply_EqualInputBounds_IsAThreshold(float x, float expected) =>
        Assert.Equal(expected, new LevelSpan(0.5f, 0.5f, -1, 1, 2).Apply(x));
}
