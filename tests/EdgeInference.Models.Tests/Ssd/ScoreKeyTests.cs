using EdgeInference.Models.Ssd;
using FsCheck.Xunit;

namespace EdgeInference.Models.Tests.Ssd;

public sealed class ScoreKeyTests
{
    [Property]
    public void Of_TwoCandidates_OrdersByScoreDownThenPriorUp(float first, int firstPrior, float second, int secondPrior)
    {
        if (float.IsNaN(first) || float.IsNaN(second))
            return;
        (firstPrior, secondPrior) = (firstPrior & int.MaxValue, secondPrior & int.MaxValue);

        int order = ScoreKey.Of(first, firstPrior).CompareTo(ScoreKey.Of(second, secondPrior));

        int expected = first == second ? firstPrior.CompareTo(secondPrior) : second.CompareTo(first);
        Assert.Equal(Math.Sign(expected), Math.Sign(order));
        Assert.Equal(firstPrior, ScoreKey.Prior(ScoreKey.Of(first, firstPrior)));
    }

    [Property]
    public void SortBest_AnyKeys_IsThePrefixOfTheSortedOnes(ulong[] keys, byte count)
    {
        ulong[] expected = [.. keys.Order().Take(count)];

        ulong[] best = ScoreKey.SortBest(keys, count).ToArray();

        Assert.Equal(expected, best);
    }
}
