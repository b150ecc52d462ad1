using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Golden;

namespace EdgeInference.Models.Tests.Graphs;

/// <summary>What is computed at load is what the engine would compute.</summary>
public sealed class FoldingTests
{
    /// <summary>Operations on 1, 2, 3, … in the shape [2, 3, 4].</summary>
    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> Operations = new(StringComparer.Ordinal)
    {
        ["Gather"] = static (graph, x) => graph.Gather(x, Indices(graph, [2, 2], 0, 2, -1, 1), 1),
        ["Gather of one"] = static (graph, x) => graph.Gather(x, graph.Int(-2), -1),
        ["Gather in batches"] = static (graph, x) => graph.Gather(x, Indices(graph, [2, 3], 3, 0, 1, -1, 2, 2), 2, 1),
        ["GatherElements"] = static (graph, x) => graph.GatherElements(x, Indices(graph, [2, 1, 4], 0, 1, 2, -1, -3, 2, 1, 0), 1),
        ["GatherND"] = static (graph, x) => graph.GatherND(x, Indices(graph, [3, 2], 0, 0, 1, 2, -1, -2)),
        ["GatherND in batches"] = static (graph, x) => graph.GatherND(x, Indices(graph, [2, 2, 1], 0, -1, 2, 1), 1),
        ["ScatterElements"] = static (graph, x) => graph.ScatterElements(x, Indices(graph, [1, 2, 2], 0, -1, 2, 1), Floats(graph, 1, 2, 2), 2),
        ["ScatterND"] = static (graph, x) => graph.ScatterND(x, Indices(graph, [2, 2], 0, 1, -1, 0), Floats(graph, 2, 4)),
        ["Expand"] = static (graph, x) => graph.Expand(graph.Unsqueeze(x, [1]), [5, 1, 7, 1, 1]),
        ["Tile"] = static (graph, x) => graph.Tile(x, [2, 1, 3]),
        ["Split"] = static (graph, x) => graph.Split(x, -1, [1, 3])[1],
        ["Slice"] = static (graph, x) => graph.Slice(x, [AxisSlice.Of(2, -1, null, -1), AxisSlice.Whole(3), AxisSlice.Of(4, 3, 0, -2)]),
        ["Transpose"] = static (graph, x) => graph.Transpose(x, [2, 0, 1]),
        ["Concat"] = static (graph, x) => graph.Concat([x, graph.Slice(x, [AxisSlice.Whole(2), AxisSlice.Of(3, 1, 2, 1), AxisSlice.Whole(4)]), x], 1),
        ["NonZero"] = static (graph, x) => graph.Cast(graph.NonZero(graph.Slice(x, [AxisSlice.Whole(2), AxisSlice.Whole(3), AxisSlice.Of(4, 1, 3, 1)])), TensorElementType.Float32),
        ["Range"] = static (graph, x) => graph.Range(graph.Float(10), graph.Gather(graph.Reshape(x, [-1]), graph.Int(0), 0), graph.Float(-2)),
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Fold_Operation_IsWhatTheEngineComputes(string name)
    {
        Tensor input = TestGraph.Count(2, 3, 4);
        GraphBuilder builder = TestGraph.NewBuilder();
        Value folded = Operations[name](builder, builder.Constant(Constant.Floats(input.Elements<float>().ToArray(), 2, 3, 4)));
        Tensor computed = await TestGraph.ComputeAsync(input, Operations[name]);

        Assert.Empty(builder.Graph.Nodes);
        Assert.Equal(computed.Shape.ToArray(), folded.Shape);
        Assert.Equal(TensorValues.Read(computed), folded.Constant!.ToFloats().Select(static v => (double)v));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-4)]
    public void Gather_IndexOutside_IsRefused(long index)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 3]);

        Assert.Equal($"index {index} is outside an axis of 3", Refused(() => graph.Gather(x, graph.Ints(index), 1)));
        Assert.Equal($"index {index} is outside an axis of 3", Refused(() => graph.Gather(graph.Ints(1, 2, 3), graph.Ints(index), 0)));
    }

    [Fact]
    public void Build_OperandsThatDoNotFit_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 3]);

        Assert.Equal("indices [2,4] do not fit [2,3]", Refused(() => graph.GatherElements(x, graph.Expand(graph.Int(0), [2, 4]), 0)));
        Assert.Equal("indices [1,3] after 0 shared axes do not fit [2,3]", Refused(() => graph.GatherND(x, Indices(graph, [1, 3], 0, 0, 0))));
        Assert.Equal("[2,3] and indices [5,1] do not share 1 axes", Refused(() => graph.GatherND(x, graph.Expand(graph.Int(0), [5, 1]), 1)));
        Assert.Equal("the updates are [3], not [1,3]", Refused(() => graph.ScatterND(x, Indices(graph, [1, 1], 0), Floats(graph, 3))));
        Assert.Equal("the updates are of Int64, the data of Float32", Refused(() => graph.ScatterND(x, Indices(graph, [1, 2], 0, 0), graph.Ints(1))));
        Assert.Equal("2 axes cannot be shared by [2,3] and indices [2] for axis 1", Refused(() => graph.Gather(x, graph.Ints(0, 0), 1, 2)));
        Assert.Equal("4 elements cannot be selected along axis 1 of [2,3]", Refused(() => graph.TopK(x, 4, 1)));
        Assert.Equal("axis 1 of [2,3] cannot be split into 1,1", Refused(() => graph.Split(x, 1, [1, 1])));
        Assert.Equal("repeats 2 do not fit [2,3]", Refused(() => graph.Tile(x, [2])));
        Assert.Equal("axes 0,0 to add are not all different", Refused(() => graph.Unsqueeze(x, [0, 0])));
        Assert.Equal("a tensor of 17 dimensions is more than the 16 supported", Refused(() => graph.Unsqueeze(x, Enumerable.Range(0, 15).Select(static i => (long)i))));
    }

    [Fact]
    public void Fold_ResultLargerThanTheBudget_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder(constantBudget: 1 << 10);

        Assert.Contains("would take more memory", Refused(() => graph.Expand(graph.Int(1), [1 << 20, 1 << 20])), StringComparison.Ordinal);
        Assert.Contains("would take more memory", Refused(() => graph.Tile(graph.Ints(1), [1 << 20])), StringComparison.Ordinal);
        Assert.Contains("would take more memory", Refused(() => graph.Range(0, long.MaxValue / 2, 1L << 40)), StringComparison.Ordinal);
    }

    private static string Refused(Func<object> build) => Assert.Throws<LayerException>(build).Message;

    private static Value Indices(GraphBuilder graph, long[] shape, params long[] values) =>
        graph.Constant(Constant.Ints(values).WithShape(shape));

    private static Value Floats(GraphBuilder graph, params long[] shape) =>
        graph.Constant(Constant.Floats([.. Enumerable.Range(100, (int)Shapes.Count(shape)).Select(static i => (float)i)], shape));
}
