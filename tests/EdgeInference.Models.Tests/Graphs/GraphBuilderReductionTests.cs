using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Graphs;

public sealed class GraphBuilderReductionTests
{
    private static readonly double[] Numbers = [1, 5, 2, -4, 3, 6];

    [Theory]
    [InlineData("ReduceSum", new double[] { 8, 5 })]
    [InlineData("ReduceProd", new double[] { 10, -72 })]
    [InlineData("ReduceMax", new double[] { 5, 6 })]
    [InlineData("ReduceMin", new double[] { 1, -4 })]
    public async Task Reduce_EveryElementType_IsComputedAlikeByTheEngineAndAtLoad(string operation, double[] expected)
    {
        foreach (TensorElementType type in new[] { TensorElementType.Float32, TensorElementType.Int64, TensorElementType.Int32, TensorElementType.Int16, TensorElementType.Int8 })
        {
            (double[] computed, double[] folded) = await TestGraph.BothAsync(type, Numbers, (graph, x) => graph.Reduce(operation, graph.Reshape(x, [2, 3]), [-1], false));

            Assert.Equal(expected, computed);
            Assert.Equal(expected, folded);
        }
    }

    [Theory]
    [InlineData("ReduceMean", TensorElementType.Int32, new double[] { 2, 1 })]
    [InlineData("ReduceMean", TensorElementType.Int64, new double[] { 2, 1 })]
    [InlineData("ReduceL1", TensorElementType.Int64, new double[] { 8, 13 })]
    [InlineData("ReduceL1", TensorElementType.Float32, new double[] { 8, 13 })]
    [InlineData("ReduceSumSquare", TensorElementType.Float32, new double[] { 30, 61 })]
    [InlineData("ReduceSumSquare", TensorElementType.Int64, new double[] { 30, 61 })]
    [InlineData("ReduceL2", TensorElementType.Float32, new[] { 5.4772258, 7.8102498 })]
    [InlineData("ReduceMean", TensorElementType.Float32, new[] { 2.6666667, 1.6666666 })]
    public async Task Reduce_InSteps_IsComputedAlikeByTheEngineAndAtLoad(string operation, TensorElementType type, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(type, Numbers, (graph, x) => graph.Reduce(operation, graph.Reshape(x, [2, 3]), [1], true));

        Assert.Equal(expected.Length, folded.Length);
        Assert.All(expected.Zip(computed), static pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.All(expected.Zip(folded), static pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Theory]
    [InlineData(true, new double[] { 0, 1 })]
    [InlineData(false, new double[] { 0, 1 })]
    public async Task ReduceLogical_Booleans_AreComputedAlikeByTheEngineAndAtLoad(bool all, double[] expected)
    {
        double[] given = all ? [0, 1, 1, 1] : [0, 0, 1, 0];
        (double[] computed, double[] folded) = await TestGraph.BothAsync(TensorElementType.Boolean, given, (graph, x) => graph.ReduceLogical(graph.Reshape(x, [2, 2]), all, [1], false));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, true, new long[] { 4, 5, 1, 1 }, "GlobalAveragePool")]
    [InlineData(new long[] { -1, -2 }, false, new long[] { 4, 5 }, "GlobalAveragePool Reshape")]
    [InlineData(new long[] { 1 }, false, new long[] { 4, 6, 7 }, "ReduceMean")]
    [InlineData(new long[] { 3, 3 }, true, new long[] { 4, 5, 6, 1 }, "ReduceMean")]
    [InlineData(new long[0], true, new long[] { 4, 5, 6, 7 }, "")]
    public void Reduce_MeanOfAnImage_IsAPoolWhereItCanBe(long[] axes, bool keepDimensions, long[] shape, string operations)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value mean = graph.Reduce("ReduceMean", graph.Input(TensorElementType.Float32, [4, 5, 6, 7]), axes, keepDimensions);

        Assert.Equal(shape, mean.Shape);
        Assert.Equal(operations, string.Join(' ', graph.Graph.Nodes.Select(static node => node.Operation)));
    }

    [Theory]
    [InlineData(false, false, new double[] { 1, 6, 8, 4, 7, 13 })]
    [InlineData(true, false, new double[] { 0, 1, 6, 8, 4, 7 })]
    [InlineData(false, true, new double[] { 13, 12, 7, 5, 9, 6 })]
    [InlineData(true, true, new double[] { 12, 7, 5, 9, 6, 0 })]
    public async Task CumulativeSum_EachDirection_LeavesOutItsOwnValueWhereAsked(bool exclusive, bool reverse, double[] expected)
    {
        foreach (TensorElementType type in new[] { TensorElementType.Float32, TensorElementType.Int64, TensorElementType.Int8 })
        {
            (double[] computed, _) = await TestGraph.BothAsync(type, Numbers, (graph, x) => graph.CumulativeSum(x, -1, exclusive, reverse));

            Assert.Equal(expected, computed);
        }
    }

    [Fact]
    public void Reduce_WhatIsNotPossible_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value ints = graph.Input(TensorElementType.Int64, [2, Shapes.Unknown]);

        Assert.Equal("axis 2 is outside a tensor with 2 dimensions", Assert.Throws<LayerException>(() => graph.Reduce("ReduceSum", ints, [2], false)).Message);
        Assert.Equal("ReduceL2 of Int64 is not supported", Assert.Throws<LayerException>(() => graph.Reduce("ReduceL2", ints, [1], false)).Message);
        Assert.Equal("ReduceMean of Int64 is not supported", Assert.Throws<LayerException>(() => graph.Reduce("ReduceMean", ints, [1], false)).Message);
    }
}
