using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Common;

public sealed class StridedSliceTests
{
    /// <summary>x[::-1, 1:] of an opset layer, in which a mask bit drops a bound, and of a legacy one, in which it keeps it.</summary>
    [Theory]
    [InlineData(1, "1,0", "1,1")]
    [InlineData(0, "0,1", "0,0")]
    public async Task Build_Masks_MeanTheOppositeInLegacyLayers(int opset, string beginMask, string endMask)
    {
        LoneLayer layer = Layer(opset, ("begin_mask", beginMask), ("end_mask", endMask));

        (long[] shape, float[] values) = await layer.ComputeAsync(TestGraph.Count(2, 3), 0, Constant.Ints(5, 1), Constant.Ints(7, 2), Constant.Ints(-1, 1));

        Assert.Equal([2, 2], shape);
        Assert.Equal([5, 6, 2, 3], values);
    }

    /// <summary>x[None, 1, ..., -1].</summary>
    [Fact]
    public async Task Build_AllMasksAtOnce_AddsDropsAndKeepsAxes()
    {
        LoneLayer layer = Layer(1, ("begin_mask", ""), ("end_mask", ""), ("new_axis_mask", "1,0,0,0"), ("shrink_axis_mask", "0,1,0,1"), ("ellipsis_mask", "0,0,1,0"));

        (long[] shape, float[] values) = await layer.ComputeAsync(TestGraph.Count(2, 2, 3, 2), 0, Constant.Ints(0, 1, 0, -1), Constant.Ints(0, 0, 0, 0));

        Assert.Equal([1, 2, 3], shape);
        Assert.Equal([14, 16, 18, 20, 22, 24], values);
    }

    /// <summary>The bounds are the input's own elements: x[x[0] : x[2], x[1]] of [[1, 1, 3], …].</summary>
    [Fact]
    public async Task Build_ComputedBounds_AreTakenAtRunTime()
    {
        Tensor input = TestGraph.Floats([1, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 4, 3);

        Tensor sliced = await TestGraph.ComputeAsync(input, static (graph, x) =>
        {
            Value numbers = graph.Reshape(graph.Slice(x, [new AxisSlice(0, 1, 1), AxisSlice.Whole(3)]), [3]);
            Value begins = graph.Slice(numbers, [new AxisSlice(0, 1, 2)]);
            Value ends = graph.Slice(numbers, [AxisSlice.Of(3, 2, 0, -1)]);
            return Layer(1, ("begin_mask", "0,0"), ("end_mask", "0,0"), ("shrink_axis_mask", "0,1")).Build(graph, x, begins, ends)[0];
        });

        Assert.Equal([2], sliced.Shape.ToArray());
        Assert.Equal([5, 8], sliced.Elements<float>().ToArray());
    }

    [Fact]
    public void Build_OpenSize_LeavesTheResultsOpen()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [Shapes.Unknown, 6, Shapes.Unknown]);

        Value sliced = Layer(1, ("begin_mask", "1,0,0"), ("end_mask", "1,0,1")).Build(graph, x, graph.Ints(0, 1, 2), graph.Ints(0, -1, 0))[0];

        Assert.Equal([Shapes.Unknown, 4, Shapes.Unknown], sliced.Shape);
    }

    [Fact]
    public void Build_WhatDoesNotFit_IsRefused()
    {
        LoneLayer layer = Layer(1, ("shrink_axis_mask", "1"));

        Assert.Equal("index 2 is outside an axis of 2", layer.Refusal([2, 3], Constant.Ints(2), Constant.Ints(3)));
        Assert.Equal("3 slices and 3 steps do not fit [2,3]", layer.Refusal([2, 3], Constant.Ints(0, 0, 0), Constant.Ints(1, 1, 1)));
        Assert.Equal("bounds [2] and [1] are not vectors of one length", layer.Refusal([2, 3], Constant.Ints(0, 0), Constant.Ints(1)));
        Assert.Equal("a slice's step is 0", Layer(1).Refusal([2, 3], Constant.Ints(0), Constant.Ints(1), Constant.Ints(0)));
    }

    private static LoneLayer Layer(int opset, params (string Name, string Value)[] attributes) => new("StridedSlice", opset)
    {
        Attributes = attributes.ToDictionary(static a => a.Name, static a => a.Value, StringComparer.Ordinal),
    };
}
