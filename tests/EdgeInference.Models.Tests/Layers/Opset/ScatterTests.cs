using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

public sealed class ScatterTests
{
    /// <summary>Elements 10, 20 and 30 for places 0, 2 and again 2 of 1, 2, 3, 4.</summary>
    [Theory]
    [InlineData("none", true, new float[] { 10, 2, 30, 4 })]
    [InlineData("sum", true, new float[] { 11, 2, 53, 4 })]
    [InlineData("sum", false, new float[] { 10, 2, 50, 4 })]
    [InlineData("prod", true, new float[] { 10, 2, 1800, 4 })]
    [InlineData("prod", false, new float[] { 10, 2, 600, 4 })]
    [InlineData("mean", true, new float[] { 5.5f, 2, 53 / 3f, 4 })]
    [InlineData("mean", false, new float[] { 10, 2, 25, 4 })]
    public async Task Build_ElementsWithReduction_CombinesAsAsked(string reduction, bool withInitial, float[] expected)
    {
        (_, float[] values) = await Elements(reduction, withInitial).ComputeAsync(
            TestGraph.Count(1, 4), 0, Constant.Ints(0, 2, -2).WithShape([1, 3]), Constant.Floats([10, 20, 30], 1, 3), Scalar(1));

        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData("min")]
    [InlineData("max")]
    public void Build_ElementsWithUnsupportedReduction_IsRefused(string reduction) =>
        Assert.Equal(
            $"reduction '{reduction}' of Float32 is not supported",
            Elements(reduction, true).Refusal([1, 4], Constant.Ints(0).WithShape([1, 1]), Constant.Floats([1], 1, 1), Scalar(1)));

    [Theory]
    [InlineData("none", new float[] { 1, 2, 10, 20, 5, 6 })]
    [InlineData("sum", new float[] { 1, 2, 13, 24, 5, 6 })]
    [InlineData("sub", new float[] { 1, 2, -7, -16, 5, 6 })]
    [InlineData("prod", new float[] { 1, 2, 30, 80, 5, 6 })]
    public async Task Build_BlocksWithReduction_CombinesAsAsked(string reduction, float[] expected)
    {
        var layer = new LoneLayer("ScatterNDUpdate", 15) { Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["reduction"] = reduction } };

        Assert.Equal(expected, (await layer.ComputeAsync(TestGraph.Count(3, 2), 0, Constant.Ints(1).WithShape([1, 1]), Constant.Floats([10, 20], 1, 2))).Values);
    }

    [Fact]
    public async Task Build_PartsAlongMiddleAxis_ReplacesThem()
    {
        (long[] shape, float[] values) = await new LoneLayer("ScatterUpdate", 3).ComputeAsync(
            TestGraph.Count(2, 3, 2), 0, Constant.Ints(2, 0), Constant.Floats([10, 20, 30, 40, 50, 60, 70, 80], 2, 2, 2), Scalar(-2));

        Assert.Equal([2, 3, 2], shape);
        Assert.Equal([30, 40, 3, 4, 10, 20, 70, 80, 9, 10, 50, 60], values);
    }

    [Fact]
    public void Build_PartsOfWrongRank_IsRefused() =>
        Assert.Equal(
            "updates [2,2] do not fit [2,3,2] and indices [2]",
            new LoneLayer("ScatterUpdate", 3).Refusal([2, 3, 2], Constant.Ints(2, 0), Constant.Floats([1, 2, 3, 4], 2, 2), Scalar(1)));

    private static LoneLayer Elements(string reduction, bool withInitial) => new("ScatterElementsUpdate", 12)
    {
        Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["reduction"] = reduction, ["use_init_val"] = withInitial ? "true" : "false" },
    };

    private static Constant Scalar(long value) => Constant.Ints(value).WithShape([]);
}
