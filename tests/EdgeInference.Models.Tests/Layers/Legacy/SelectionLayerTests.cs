using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Legacy;

/// <summary>Legacy layers that the recorded cases do not have, or not in all their forms.</summary>
public sealed class SelectionLayerTests
{
    private static readonly float[] Numbers = [3, 9, -1, 7, 8, 2, 5, 6];

    [Theory]
    [InlineData("0", new long[] { 2, 1, 2 }, new float[] { 1, 3, 0, 3 })]
    [InlineData("1", new long[] { 2, 2, 2 }, new float[] { 1, 3, 9, 7, 0, 3, 8, 6 })]
    public async Task ArgMax_WithoutAxis_WorksOnWholeImages(string withValues, long[] shape, float[] expected)
    {
        LoneLayer layer = Layer("ArgMax", ("top_k", "2"), ("out_max_val", withValues));

        (long[] given, float[] values) = await layer.ComputeAsync(TestGraph.Floats(Numbers, 2, 1, 2, 2), 0);

        Assert.Equal(shape, given);
        Assert.Equal(expected, values);
    }

    [Theory]
    [InlineData("max", "value", 0, new float[] { 9, 7, 8, 6 })]
    [InlineData("max", "index", 1, new float[] { 1, 3, 0, 3 })]
    [InlineData("min", "value", 1, new float[] { 2, 0, 1, 2 })]
    public async Task TopK_ModeAndSort_SelectsAndOrders(string mode, string sort, int output, float[] expected)
    {
        LoneLayer layer = Layer("TopK", ("axis", "1"), ("mode", mode), ("sort", sort)) with { Outputs = [[2, 2], [2, 2]] };

        Assert.Equal(expected, (await layer.ComputeAsync(TestGraph.Floats(Numbers, 2, 4), output, Constant.Ints(2))).Values);
    }

    [Fact]
    public async Task OneHot_OwnValues_StandAtTheIndexAndElsewhere()
    {
        LoneLayer layer = Layer("OneHot", ("depth", "3"), ("on_value", "5"), ("off_value", "-1"));

        float[] given = (await layer.ComputeAsync(TestGraph.Floats([1, 2], 2), 0)).Values;

        Assert.Equal([-1, 5, -1, -1, -1, 5], given);
    }

    [Fact]
    public async Task Copy_Anything_GivesIt() =>
        Assert.Equal(Numbers, (await Layer("Copy").ComputeAsync(TestGraph.Floats(Numbers, 8), 0)).Values);

    [Fact]
    public async Task Gather_IndicesAsFloats_AreWholeNumbers()
    {
        float[] given = (await Layer("Gather", ("axis", "0")).ComputeAsync(TestGraph.Count(3, 2), 0, Constant.Floats([2, 0], 2))).Values;

        Assert.Equal([5, 6, 1, 2], given);
    }

    [Fact]
    public async Task ShapeOf_Input_GivesItsSizes()
    {
        float[] given = (await Layer("ShapeOf").ComputeAsync(TestGraph.Count(2, 4), 0)).Values;

        Assert.Equal([2, 4], given);
    }

    [Fact]
    public void Split_PartsThatDoNotFit_IsRefused()
    {
        Assert.Equal("axis 1 of [2,4] cannot be split into 1,2", (Layer("Split") with { Outputs = [[2, 1], [2, 2]] }).Refusal([2, 4]));
        Assert.Equal("a part [2] of [2,4] is not possible", (Layer("Slice") with { Outputs = [[2, 4], [2]] }).Refusal([2, 4]));
    }

    private static LoneLayer Layer(string type, params (string Name, string Value)[] attributes) => new(type, 0)
    {
        Attributes = attributes.ToDictionary(static a => a.Name, static a => a.Value, StringComparer.Ordinal),
    };
}
