using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Graphs;

public sealed class GraphBuilderLogicTests
{
    [Theory]
    [InlineData("Equal", new double[] { 0, 1, 0 })]
    [InlineData("Greater", new double[] { 0, 0, 1 })]
    [InlineData("GreaterOrEqual", new double[] { 0, 1, 1 })]
    [InlineData("Less", new double[] { 1, 0, 0 })]
    [InlineData("LessOrEqual", new double[] { 1, 1, 0 })]
    public async Task Compare_EveryElementType_IsComputedAlikeByTheEngineAndAtLoad(string operation, double[] expected)
    {
        foreach (TensorElementType type in Enum.GetValues<TensorElementType>().Except([TensorElementType.Float16, TensorElementType.Float64, TensorElementType.Boolean]))
        {
            (double[] computed, double[] folded) = await TestGraph.BothAsync(
                type,
                [1, 2, 3],
                (graph, x) => graph.Compare(operation, x, TestGraph.Constant(graph, type, [2])));

            Assert.Equal(expected, computed);
            Assert.Equal(expected, folded);
        }
    }

    [Theory]
    [InlineData("And", new double[] { 0, 0, 0, 1 })]
    [InlineData("Or", new double[] { 0, 1, 1, 1 })]
    [InlineData("Xor", new double[] { 0, 1, 1, 0 })]
    public async Task Logical_Booleans_AreComputedAlikeByTheEngineAndAtLoad(string operation, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(
            TensorElementType.Boolean,
            [0, 0, 1, 1],
            (graph, x) => graph.Logical(operation, x, TestGraph.Constant(graph, TensorElementType.Boolean, [0, 1, 0, 1], 4)));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Fact]
    public async Task Not_Booleans_AreComputedAlikeByTheEngineAndAtLoad()
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(TensorElementType.Boolean, [0, 1], static (graph, x) => graph.Not(x));

        Assert.Equal([1, 0], computed);
        Assert.Equal([1, 0], folded);
    }

    [Fact]
    public async Task Where_EveryElementType_BroadcastsAllThree()
    {
        foreach (TensorElementType type in Enum.GetValues<TensorElementType>().Except([TensorElementType.Float16, TensorElementType.Float64, TensorElementType.Boolean]))
        {
            (double[] computed, double[] folded) = await TestGraph.BothAsync(
                type,
                [1, 2],
                (graph, x) => graph.Where(TestGraph.Constant(graph, TensorElementType.Boolean, [1, 0, 0], 3, 1), x, TestGraph.Constant(graph, type, [9])));

            Assert.Equal([1, 2, 9, 9, 9, 9], computed);
            Assert.Equal([1, 2, 9, 9, 9, 9], folded);
        }
    }

    [Fact]
    public async Task Where_OfBooleans_GivesBooleans()
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(
            TensorElementType.Boolean,
            [0, 1],
            static (graph, x) => graph.Where(x, x, TestGraph.Constant(graph, TensorElementType.Boolean, [1])));

        Assert.Equal([1, 1], computed);
        Assert.Equal([1, 1], folded);
    }

    [Fact]
    public void Logic_OnOtherThanBooleans_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value number = graph.Float(1);
        Value truth = graph.Truth(number);

        Assert.Equal("a condition is of Float32, not Boolean", Assert.Throws<LayerException>(() => graph.Logical("And", truth, number)).Message);
        Assert.Equal("a condition is of Float32, not Boolean", Assert.Throws<LayerException>(() => graph.Not(number)).Message);
        Assert.Equal("a condition is of Float32, not Boolean", Assert.Throws<LayerException>(() => graph.Where(number, number, number)).Message);
        Assert.Equal("operands are of Float32 and Boolean", Assert.Throws<LayerException>(() => graph.Where(truth, number, truth)).Message);
    }
}
