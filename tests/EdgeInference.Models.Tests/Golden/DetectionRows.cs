using EdgeInference.Inference;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>Compares DetectionOutput tensors as sets of detections above 0.3.</summary>
/// <param name="RelativeScore">How far a score may be off, as a share of it.</param>
/// <param name="Score">How far a score may be off in any case.</param>
/// <param name="Box">How far an edge of a box may be off, in normalised coordinates.</param>
internal sealed record DetectionRows(float RelativeScore, float Score, float Box)
{
    private const float Threshold = 0.3f;

    /// <summary>The same weights: only the order of sums differs.</summary>
    public static DetectionRows Float { get; } = new(1e-3f, 0, 2e-3f);

    /// <summary>Eight bits: a value on the edge between two levels may fall on either, in every layer.</summary>
    public static DetectionRows Quantized { get; } = new(0, 0.05f, 0.02f);

    public void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        List<float[]> right = Read(expected, Threshold);
        List<float[]> given = Read(actual, Threshold - Slack(Threshold));
        Assert.NotEmpty(right);
        foreach (float[] row in right)
        {
            float[]? match = given.Find(other => Matches(row, other));
            Assert.True(match is not null, $"Missing: {string.Join(", ", row)}; found: {string.Join(" | ", given.Select(static r => string.Join(", ", r)))}");
            given.Remove(match);
        }

        Assert.DoesNotContain(given, row => row[2] > Threshold + Slack(Threshold));
    }

    private static List<float[]> Read(Tensor tensor, float threshold) =>
        [.. tensor.Elements<float>().ToArray().Chunk(7).TakeWhile(static row => row[0] >= 0).Where(row => row[2] > threshold)];

    private bool Matches(float[] expected, float[] actual) =>
        expected[0].Equals(actual[0])
        && expected[1].Equals(actual[1])
        && Math.Abs(expected[2] - actual[2]) <= Slack(expected[2])
        && Enumerable.Range(3, 4).All(i => Math.Abs(expected[i] - actual[i]) <= Box);

    private float Slack(float score) => Math.Max(Score, RelativeScore * score);
}
