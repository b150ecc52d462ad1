using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Tests.Layers;
using TestGraph = EdgeInference.Models.Tests.Graphs.TestGraph;

namespace EdgeInference.Models.Tests.Passes;

/// <summary>What the passes make of factors and terms around transposed convolutions and normalisations.</summary>
public sealed class FoldNormalizationTests
{
    [Fact]
    public async Task Run_FactorsAroundAGroupedTransposedConvolution_LeaveOneConvolution() =>
        await AssertFolds("ConvTranspose", static (graph, x) =>
        {
            Value weights = Floats(graph, 1, 4, 3, 2, 2);
            var window = TransposedWindow.Of(new Window([2, 2], [2, 2], [1, 1], [1, 0], [0, 0]), [0, 1]);
            Value result = graph.TransposedConvolution(graph.Multiply(x, Floats(graph, 2, 1, 4, 1, 1)), weights, Floats(graph, 3, 6), window, groups: 2);
            return graph.Add(graph.Multiply(result, Floats(graph, 4, 1, 6, 1, 1)), Floats(graph, 5, 6, 1, 1));
        });

    [Fact]
    public async Task Run_TermBeforeATransposedConvolution_StaysInFront() =>
        await AssertFolds("Add ConvTranspose", static (graph, x) =>
            graph.TransposedConvolution(
                graph.Add(x, Floats(graph, 1, 1, 4, 1, 1)),
                Floats(graph, 2, 4, 1, 2, 2),
                null,
                TransposedWindow.Of(new Window([2, 2], [1, 1], [1, 1], [0, 0], [0, 0]), [0, 0]),
                groups: 1));

    [Fact]
    public async Task Run_FactorAndTermAfterLayerNormalization_LeaveOneOperation() =>
        await AssertFolds("LayerNormalization", static (graph, x) =>
            graph.Subtract(graph.Multiply(Floats(graph, 1, 1, 1, 5), graph.Standardize(x, [3], 0.1f)), Floats(graph, 2, 5)));

    [Fact]
    public async Task Run_TermThenFactorAfterInstanceNormalization_LeavesOneOperation() =>
        await AssertFolds("InstanceNormalization", static (graph, x) =>
            graph.Multiply(graph.Add(graph.Standardize(x, [2, 3], 0.1f), Floats(graph, 1, 4, 1, 1)), Floats(graph, 2, 1, 4, 1, 1)));

    [Fact]
    public async Task Run_FactorOfAnotherShapeAfterLayerNormalization_Stays() =>
        await AssertFolds("LayerNormalization Mul", static (graph, x) => graph.Multiply(graph.Standardize(x, [3], 0.1f), Floats(graph, 1, 3, 5)));

    [Fact]
    public async Task Run_NormalizedValueSubtractedFromAConstant_Stays() =>
        await AssertFolds("LayerNormalization Sub", static (graph, x) => graph.Subtract(Floats(graph, 1, 5), graph.Standardize(x, [3], 0.1f)));

    [Fact]
    public async Task Run_FactorAndTermWithoutConvolution_BecomeBatchNormalization() =>
        await AssertFolds("Relu BatchNormalization Relu", static (graph, x) =>
            graph.Unary("Relu", graph.Add(graph.Multiply(graph.Unary("Relu", x), Floats(graph, 1, 1, 4, 1, 1)), Floats(graph, 2, 4, 1, 1))));

    [Fact]
    public async Task Run_FactorUsedTwice_IsNotJoined() =>
        await AssertFolds("Mul Add Add", static (graph, x) =>
        {
            Value scaled = graph.Multiply(x, Floats(graph, 1, 4, 1, 1));
            return graph.Add(scaled, graph.Add(scaled, Floats(graph, 2, 4, 1, 1)));
        });

    [Fact]
    public void Run_NoRoomForNewConstants_LeavesThingsAsTheyAre()
    {
        GraphBuilder builder = TestGraph.NewBuilder();
        Value x = builder.Input(TensorElementType.Float32, [1, 4, 3, 5]);
        Value joined = builder.Add(builder.Multiply(x, Floats(builder, 1, 4, 1, 1)), Floats(builder, 2, 4, 1, 1));
        builder.Graph.AddOutput("y", builder.Multiply(builder.Standardize(joined, [3], 0.1f), Floats(builder, 3, 5)));

        GraphPasses.Run(builder.Graph, OnnxTarget.Standard, integerLayers: false, new LoadBudget(0, 0));

        Assert.Equal("Mul Add LayerNormalization Mul", Operations(builder.Graph));
    }

    private static async Task AssertFolds(string operations, Func<GraphBuilder, Value, Value> build)
    {
        Tensor input = TestGraph.Floats(Numbers.Random(9, 2, 4, 3, 5), 2, 4, 3, 5);
        Tensor plain = await TestGraph.ComputeAsync(input, build);
        string left = "";
        Tensor folded = await TestGraph.ComputeAsync(input, build, change: graph =>
        {
            GraphPasses.Run(graph, OnnxTarget.Standard, integerLayers: false, new LoadBudget(1 << 20, 1 << 20));
            left = Operations(graph);
        });

        Assert.Equal(operations, left);
        Numbers.AssertNear(plain.Elements<float>().ToArray(), folded.Elements<float>());
    }

    private static string Operations(Graph graph) => string.Join(' ', graph.Nodes.Select(static node => node.Operation));

    private static Value Floats(GraphBuilder graph, int seed, params long[] shape) =>
        graph.Constant(Constant.Floats(Numbers.Random(seed, shape), shape));
}
