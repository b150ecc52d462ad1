using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

/// <summary>What the recorded cases do not have of layers that move elements.</summary>
public sealed class MovementLayerTests
{
    [Theory]
    [InlineData("ignore_negative", new float[] { 0, 1, 0, 0, 0, 0 })]
    [InlineData("normalize", new float[] { 0, 1, 0, 0, 0, 1 })]
    public async Task OneHot_NegativeIndex_IsIgnoredOrCountsFromTheEnd(string mode, float[] expected)
    {
        LoneLayer layer = Layer("OneHot", 16, ("axis", "-1"), ("negative_indices_mode", mode));

        Assert.Equal(expected, (await layer.ComputeAsync(TestGraph.Floats([1, -1], 2), 0, Scalar(3), Constant.Floats([1]), Constant.Floats([0]))).Values);
    }

    [Fact]
    public void OneHot_UnknownModeOrNegativeDepth_IsRefused()
    {
        Assert.Equal(
            "negative_indices_mode 'wrap' is not known",
            Layer("OneHot", 16, ("axis", "0"), ("negative_indices_mode", "wrap")).Refusal([2], Scalar(3), Constant.Floats([1]), Constant.Floats([0])));
        Assert.Equal("a depth of -3 is not possible", Layer("OneHot", 1, ("axis", "0")).Refusal([2], Scalar(-3), Constant.Floats([1]), Constant.Floats([0])));
    }

    [Fact]
    public async Task Broadcast_ExplicitAxes_PutsThemWhereTheyAreSaidToGo()
    {
        (long[] shape, float[] values) = await Layer("Broadcast", 3, ("mode", "explicit")).ComputeAsync(
            TestGraph.Count(2, 2), 0, Constant.Ints(2, 3, 2), Constant.Ints(0, 2));

        Assert.Equal([2, 3, 2], shape);
        Assert.Equal([1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4], values);
    }

    [Fact]
    public void Broadcast_UnsupportedModeOrMapping_IsRefused()
    {
        Assert.Equal("mode 'pdpd' is not supported", Layer("Broadcast", 1, ("mode", "pdpd")).Refusal([2], Constant.Ints(2, 2)));
        Assert.Equal(
            "axes 1,0 do not say where those of [2,3] go",
            Layer("Broadcast", 3, ("mode", "explicit")).Refusal([2, 3], Constant.Ints(3, 2), Constant.Ints(1, 0)));
    }

    [Fact]
    public async Task Squeeze_AxisOfAnotherSize_IsRefusedOrSkipped()
    {
        Assert.Equal("axes 0,1 of [1,3,1] are not all of size 1", Layer("Squeeze", 15).Refusal([1, 3, 1], Constant.Ints(0, 1)));

        (long[] shape, _) = await Layer("Squeeze", 15, ("allow_axis_skip", "true")).ComputeAsync(TestGraph.Count(1, 3, 1), 0, Constant.Ints(0, 1));
        Assert.Equal([3, 1], shape);
    }

    [Fact]
    public void Squeeze_OpenSizesWithoutAxes_IsRefused() =>
        Assert.Equal("which of the sizes [?,3,1] are 1 is not known when the model is loaded", Layer("Squeeze", 1).Refusal([Shapes.Unknown, 3, 1]));

    [Fact]
    public async Task VariadicSplit_SizeLeftOpen_IsWhatIsLeft()
    {
        LoneLayer layer = Layer("VariadicSplit", 1) with { Outputs = [[], [], []] };

        float[] given = (await layer.ComputeAsync(TestGraph.Count(6), 1, Scalar(0), Constant.Ints(2, -1, 1))).Values;

        Assert.Equal([3, 4, 5], given);
    }

    [Theory]
    [InlineData(new long[] { 2, -1, -1 }, "sizes 2,-1,-1 of 3 parts are not possible")]
    [InlineData(new long[] { 2, 4 }, "sizes 2,4 of 3 parts are not possible")]
    [InlineData(new long[] { 2, -1, 6 }, "axis 0 of [6] cannot be split into 2,-2,6")]
    [InlineData(new long[] { 2, 2, 1 }, "axis 0 of [6] cannot be split into 2,2,1")]
    public void VariadicSplit_SizesThatDoNotFit_IsRefused(long[] sizes, string expected) =>
        Assert.Equal(expected, (Layer("VariadicSplit", 1) with { Outputs = [[], [], []] }).Refusal([6], Scalar(0), Constant.Ints(sizes)));

    [Fact]
    public void Split_UnevenOrOpenAxis_IsRefused()
    {
        LoneLayer layer = Layer("Split", 1, ("num_splits", "2")) with { Outputs = [[], []] };

        Assert.Equal("axis 0 of [3] cannot be split into 2 equal parts", layer.Refusal([3], Scalar(0)));
        Assert.Equal("the size of axis 0, which is to be split evenly, is not known when the model is loaded", layer.Refusal([Shapes.Unknown], Scalar(0)));
    }

    [Theory]
    [InlineData(new long[] { 2, 1 }, new long[] { 2, 2, 2 })]
    [InlineData(new long[] { 3, 1, 1, 2 }, new long[] { 3, 2, 1, 4 })]
    public async Task Tile_RepeatsOfAnotherLength_AreForTheLastAxes(long[] repeats, long[] expected) =>
        Assert.Equal(expected, (await Layer("Tile", 1).ComputeAsync(TestGraph.Count(2, 1, 2), 0, Constant.Ints(repeats))).Shape);

    [Fact]
    public async Task Transpose_WithoutOrder_ReversesTheAxes()
    {
        (long[] shape, float[] values) = await Layer("Transpose", 1).ComputeAsync(TestGraph.Count(2, 3), 0);

        Assert.Equal([3, 2], shape);
        Assert.Equal([1, 4, 2, 5, 3, 6], values);
    }

    [Theory]
    [InlineData(5, new long[] { 4, 2 })]
    [InlineData(8, new long[] { 2, 2, 2 })]
    public async Task GatherND_TwoSharedAxes_AreMergedUpToOpset5(int opset, long[] expected)
    {
        LoneLayer layer = Layer("GatherND", opset, ("batch_dims", "2"));

        (long[] shape, float[] values) = await layer.ComputeAsync(TestGraph.Count(2, 2, 3, 2), 0, Constant.Ints(0, 1, 2, 0).WithShape([2, 2, 1]));

        Assert.Equal(expected, shape);
        Assert.Equal([1, 2, 9, 10, 17, 18, 19, 20], values);
    }

    [Fact]
    public async Task Slice_AxesAndSteps_SelectAsNumPyDoes()
    {
        (long[] shape, float[] values) = await Layer("Slice", 8).ComputeAsync(
            TestGraph.Count(2, 4), 0, Constant.Ints(-1, 0), Constant.Ints(-100, 1), Constant.Ints(-2, 1), Constant.Ints(-1, 0));

        Assert.Equal([1, 2], shape);
        Assert.Equal([4, 2], values);
    }

    [Fact]
    public void Slice_WhatDoesNotFit_IsRefused()
    {
        LoneLayer layer = Layer("Slice", 8);

        Assert.Equal("2 slices along axes 0,0 do not fit [2,4]", layer.Refusal([2, 4], Constant.Ints(0, 0), Constant.Ints(1, 1), Constant.Ints(1, 1), Constant.Ints(0, -2)));
        Assert.Equal("bounds of shape [1] are too few", layer.Refusal([2, 4], Constant.Ints(0), Constant.Ints(1, 1), Constant.Ints(1, 1)));
    }

    [Theory]
    [InlineData(2.9f, 6.9f, 1.9f, "i64", new float[] { 2, 3, 4, 5 })]
    [InlineData(2f, -1f, -1.5f, "f32", new float[] { 2, 0.5f })]
    [InlineData(2f, 2f, 1f, "i32", new float[0])]
    public void Range_OfType_CutsItsOperandsFirst(float start, float stop, float step, string type, float[] expected)
    {
        GraphBuilder graph = TestGraph.NewBuilder();

        Value range = Layer("Range", 4, ("output_type", type)).Build(graph, graph.Float(start), graph.Float(stop), graph.Float(step))[0];

        Assert.Equal(expected, range.Constant!.ToFloats());
    }

    [Fact]
    public void Range_StepZero_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();

        var refused = Assert.Throws<LayerException>(() => Layer("Range", 1).Build(graph, graph.Int(0), graph.Int(3), graph.Int(0)));
        Assert.Equal("a range from 0 to 3 by 0 is not possible", refused.Message);
    }

    private static LoneLayer Layer(string type, int opset, params (string Name, string Value)[] attributes) => new(type, opset)
    {
        Attributes = attributes.ToDictionary(static a => a.Name, static a => a.Value, StringComparer.Ordinal),
    };

    private static Constant Scalar(long value) => Constant.Ints(value).WithShape([]);
}
