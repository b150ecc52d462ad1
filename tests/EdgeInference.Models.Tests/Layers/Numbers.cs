using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>Contents of tensors to compute with and to compare.</summary>
internal static class Numbers
{
    /// <summary>Numbers from -1 to 1, the same for the same seed.</summary>
    public static float[] Random(int seed, params long[] shape)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)Shapes.Count(shape)).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    public static void AssertNear(IReadOnlyList<float> expected, ReadOnlySpan<float> actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Count, actual.Length);
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"[{i}] is {actual[i]}, not {expected[i]}");
    }
}
