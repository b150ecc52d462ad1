using EdgeInference.Retrying;
using FsCheck.Xunit;

namespace EdgeInference.Tests.Retrying;

public sealed class RetryBackoffTests
{
    [Fact]
    public void NextDelay_WithoutJitter_DoublesToThirtySeconds()
    {
        RetryBackoff backoff = new(new FixedRandom(0));
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Select(_ => backoff.NextDelay().TotalSeconds));
    }

    [Fact]
    public void NextDelay_MostJitter_IsHalf()
    {
        RetryBackoff backoff = new(new FixedRandom(1));
        Assert.Equal([0.5, 1, 2, 4, 8, 15, 15], Enumerable.Range(0, 7).Select(_ => backoff.NextDelay().TotalSeconds));
    }

    [Fact]
    public void Reset_AfterFailures_BeginsAgain()
    {
        RetryBackoff backoff = new(new FixedRandom(0));
        backoff.NextDelay();
        backoff.NextDelay();
        backoff.Reset();
        Assert.Equal(TimeSpan.FromSeconds(1), backoff.NextDelay());
    }

    [Property]
    public void NextDelay_AnySeed_StaysWithinLimits(int seed)
    {
        RetryBackoff backoff = new(new Random(seed));
        Assert.All(
            Enumerable.Range(0, 20),
            _ => Assert.InRange(backoff.NextDelay(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30)));
    }

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
