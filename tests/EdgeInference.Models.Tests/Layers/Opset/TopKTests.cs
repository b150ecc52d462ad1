using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

public sealed class TopKTests
{
    private static readonly float[] Numbers = [3, 9, 9, -1, 7, 2];

    [Theory]
    [InlineData("max", "value", new float[] { 9, 9, 7 }, new float[] { 1, 2, 4 })]
    [InlineData("min", "value", new float[] { -1, 2, 3 }, new float[] { 3, 5, 0 })]
    [InlineData("max", "index", new float[] { 9, 9, 7 }, new float[] { 1, 2, 4 })]
    [InlineData("min", "index", new float[] { 3, -1, 2 }, new float[] { 0, 3, 5 })]
    public async Task Build_ModeAndSort_SelectsAndOrders(string mode, string sort, float[] values, float[] indices)
    {
        LoneLayer layer = Layer(mode, sort);

        Assert.Equal(values, (await layer.ComputeAsync(TestGraph.Floats(Numbers, 1, 6), 0, Count(3))).Values);
        Assert.Equal(indices, (await layer.ComputeAsync(TestGraph.Floats(Numbers, 1, 6), 1, Count(3))).Values);
    }

    [Fact]
    public async Task Build_SortNone_SelectsTheSameInAnyOrder()
    {
        (long[] shape, float[] values) = await Layer("max", "none").ComputeAsync(TestGraph.Floats(Numbers, 1, 6), 0, Count(3));

        Assert.Equal([1, 3], shape);
        Assert.Equal([7, 9, 9], values.Order());
    }

    /// <summary>As many of the input's elements as its last one says.</summary>
    [Theory]
    [InlineData("value", new float[] { 9, 9 })]
    [InlineData("index", new float[] { 9, 9 })]
    public async Task Build_ComputedCount_IsTakenAtRunTime(string sort, float[] expected)
    {
        Tensor selected = await TestGraph.ComputeAsync(TestGraph.Floats(Numbers, 6), (graph, x) =>
            (Layer("max", sort) with { Outputs = [[], []] }).Build(graph, x, graph.Gather(x, graph.Int(-1), 0))[0]);

        Assert.Equal(expected, selected.Elements<float>().ToArray());
    }

    [Fact]
    public void Build_UnknownModeOrSort_IsRefused()
    {
        Assert.Equal("mode 'middle' is not known", Layer("middle", "value").Refusal([1, 6], Count(1)));
        Assert.Equal("sort 'down' is not known", Layer("max", "down").Refusal([1, 6], Count(1)));
    }

    private static LoneLayer Layer(string mode, string sort) => new("TopK", 11)
    {
        Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["axis"] = "-1", ["mode"] = mode, ["sort"] = sort, ["index_element_type"] = "i64" },
        Outputs = [[], []],
    };

    private static Constant Count(long count) => Constant.Ints(count).WithShape([]);
}
