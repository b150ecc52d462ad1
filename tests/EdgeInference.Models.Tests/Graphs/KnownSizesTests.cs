using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Graphs;

/// <summary>Shapes computed from that of an input whose batch is open, [?, 6, 8].</summary>
public sealed class KnownSizesTests
{
    [Fact]
    public void Gather_KnownSizeOfOpenShape_IsAConstant() =>
        Assert.Equal([8], Build(static (graph, shape) => graph.Gather(shape, graph.Int(-1), 0)).Constant!.ToInts());

    [Fact]
    public void Slice_KnownSizesOfOpenShape_IsAConstantOfTheShapesType()
    {
        Value sizes = Build(static (graph, shape) => graph.Slice(graph.Cast(shape, TensorElementType.Int32), [AxisSlice.Of(3, 2, 0, -1)]));

        Assert.Equal(TensorElementType.Int32, sizes.ElementType);
        Assert.Equal([8, 6], sizes.Constant!.ToInts());
    }

    [Fact]
    public void Gather_OpenSize_StaysToBeComputed()
    {
        Value batch = Build(static (graph, shape) => graph.Gather(shape, graph.Ints(0), 0));

        Assert.Null(batch.Constant);
        Assert.Equal([Shapes.Unknown], batch.Sizes!);
    }

    [Fact]
    public void Concat_LiteralMinusOne_IsNotTakenForAKnownSize() =>
        Assert.Null(Build(static (graph, shape) => graph.Concat([graph.Gather(shape, graph.Ints(0), 0), graph.Ints(-1)], 0)).Constant);

    [Fact]
    public void Reshape_ToOpenBatchAndKnownSizes_NeedsNothingAtRunTime()
    {
        Value reshaped = Build(static (graph, shape) =>
        {
            Value batch = graph.Unsqueeze(graph.Gather(shape, graph.Int(0), 0), [0]);
            return graph.Reshape(graph.Graph.Inputs[0], graph.Concat([batch, graph.Ints(4, 12)], 0), keepZeros: false);
        });

        Assert.Equal([Shapes.Unknown, 4, 12], reshaped.Shape);
        Assert.Equal([-1, 4, 12], reshaped.Producer!.Inputs[1]!.Constant!.ToInts());
    }

    [Fact]
    public void Reshape_ToOpenBatchAndWhatIsLeft_IsComputedAtRunTime()
    {
        Value reshaped = Build(static (graph, shape) =>
            graph.Reshape(graph.Graph.Inputs[0], graph.Concat([graph.Gather(shape, graph.Ints(0), 0), graph.Ints(4, -1)], 0), keepZeros: false));

        Assert.Equal([Shapes.Unknown, 4, Shapes.Unknown], reshaped.Shape);
        Assert.Null(reshaped.Producer!.Inputs[1]!.Constant);
    }

    [Fact]
    public void Reshape_KeptZeros_TakeTheInputsSizes() =>
        Assert.Equal([Shapes.Unknown, 6, 2, 4], Build(static (graph, shape) =>
            graph.Reshape(graph.Graph.Inputs[0], graph.Concat([graph.Gather(shape, graph.Ints(0), 0), graph.Ints(0, 2, 4)], 0), keepZeros: true)).Shape);

    [Fact]
    public void Expand_ToOpenBatch_KeepsTheKnownSizes() =>
        Assert.Equal([Shapes.Unknown, 5, 8], Build(static (graph, shape) =>
            graph.Expand(graph.Constant(Constant.Floats(new float[8], 1, 8)), graph.Concat([graph.Gather(shape, graph.Ints(0), 0), graph.Ints(5, 8)], 0))).Shape);

    [Fact]
    public void Tile_ByOpenBatch_KeepsTheKnownSizes() =>
        Assert.Equal([Shapes.Unknown, 15, 8], Build(static (graph, shape) =>
            graph.Tile(graph.Constant(Constant.Floats(new float[40], 1, 5, 8)), graph.Concat([graph.Gather(shape, graph.Ints(0), 0), graph.Ints(3, 1)], 0))).Shape);

    [Fact]
    public void Reshape_ToShapeOfUnknownLength_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 3]);
        Value shape = graph.Input(TensorElementType.Int64, [Shapes.Unknown]);

        var refused = Assert.Throws<LayerException>(() => graph.Reshape(x, shape, keepZeros: false));
        Assert.Equal("the number of dimensions of the new shape is not known when the model is loaded", refused.Message);
    }

    private static Value Build(Func<GraphBuilder, Value, Value> build)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        return build(graph, graph.ShapeOf(graph.Input(TensorElementType.Float32, [Shapes.Unknown, 6, 8]), TensorElementType.Int64));
    }
}
