using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Tests.Golden;

namespace EdgeInference.Models.Tests.Passes;

public sealed class GraphPassesTests
{
    [Fact]
    public async Task Run_ScaleAndShiftAfterConvolution_LeavesOneConvolution() =>
        await AssertFolds(["Conv"], static (graph, x) =>
            graph.Subtract(graph.Multiply(graph.Add(Convolution(graph, x, pad: 1), Channels(graph, 4, 1)), Channels(graph, 4, 2)), Channels(graph, 4, 3)));

    [Fact]
    public async Task Run_ScaleBeforePaddedConvolution_LeavesOneConvolution() =>
        await AssertFolds(["Conv"], static (graph, x) => Convolution(graph, graph.Multiply(x, Channels(graph, 2, 1)), pad: 1));

    [Fact]
    public async Task Run_ScaleBeforeGroupedConvolution_LeavesOneConvolution() =>
        await AssertFolds(["Conv"], static (graph, x) => Convolution(graph, graph.Multiply(x, Channels(graph, 2, 1)), pad: 0, groups: 2));

    [Fact]
    public async Task Run_ShiftBeforeUnpaddedConvolution_LeavesOneConvolution() =>
        await AssertFolds(["Conv"], static (graph, x) => Convolution(graph, graph.Subtract(x, Channels(graph, 2, 1)), pad: 0));

    [Fact]
    public async Task Run_ShiftBeforePaddedConvolution_StaysInFront() =>
        await AssertFolds(["Sub", "Conv"], static (graph, x) => Convolution(graph, graph.Subtract(x, Channels(graph, 2, 1)), pad: 1));

    [Fact]
    public async Task Run_ScaleThenShiftBeforePaddedConvolution_KeepsOnlyAnAddition() =>
        await AssertFolds(["Add", "Conv"], static (graph, x) =>
            Convolution(graph, graph.Add(graph.Multiply(x, Channels(graph, 2, 1)), Channels(graph, 2, 2)), pad: 1));

    [Fact]
    public async Task Run_ScaledValueUsedTwice_StaysAsItIs() =>
        await AssertFolds(["Mul", "Conv", "Conv", "Add"], static (graph, x) =>
        {
            Value scaled = graph.Multiply(x, Channels(graph, 2, 1));
            return graph.Add(Convolution(graph, scaled, pad: 0), Convolution(graph, scaled, pad: 0));
        });

    [Fact]
    public async Task Run_AdditionThatWidensTheResult_StaysAsItIs() =>
        await AssertFolds(["Conv", "Add"], static (graph, x) =>
            graph.Add(Convolution(graph, x, pad: 1), graph.Constant(Constant.Floats([1, 2, 3], 3, 1, 1, 1))));

    [Fact]
    public async Task Run_ReshapesInARow_LeavesTheLast() =>
        await AssertFolds(["Relu", "Reshape"], static (graph, x) =>
            graph.Reshape(graph.Reshape(graph.Unary("Relu", x), [1, 2, 25]), [1, 50]));

    [Fact]
    public async Task Run_UnusedBranch_IsRemoved() =>
        await AssertFolds(["Relu"], static (graph, x) =>
        {
            _ = graph.Unary("Exp", x);
            return graph.Unary("Relu", x);
        });

    /// <summary>The passes leave these operations, and the results stay what they were.</summary>
    private static async Task AssertFolds(string[] operations, Func<GraphBuilder, Value, Value> build)
    {
        Graph plain = Build(build);
        Graph folded = Build(build);
        GraphPasses.Run(folded, new LoadBudget(1 << 20, 1 << 20));

        Assert.Equal(string.Join(' ', operations), string.Join(' ', folded.Nodes.Select(static node => node.Operation)));
        float[] expected = await Compute(plain);
        float[] actual = await Compute(folded);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
    }

    private static Graph Build(Func<GraphBuilder, Value, Value> build)
    {
        var graph = new Graph { Name = "test" };
        var builder = new GraphBuilder(graph, 1 << 20) { LayerName = "x" };
        Value x = builder.Input(TensorElementType.Float32, [1, 2, 5, 5]);
        graph.AddOutput("y", build(builder, x));
        return graph;
    }

    private static async Task<float[]> Compute(Graph graph)
    {
        var model = new InferenceModel
        {
            Name = "test",
            Path = "test",
            Format = "test",
            Onnx = OnnxWriter.Write(graph),
            Inputs = [new TensorInfo("x", TensorElementType.Float32, [1, 2, 5, 5])],
            Outputs = [new TensorInfo("y", TensorElementType.Float32, graph.Outputs[0].Value.Shape)],
        };
        var input = new Tensor(TensorElementType.Float32, 1, 2, 5, 5);
        Numbers(input.Count, 0).CopyTo(input.Elements<float>());
        return (await ModelRunner.RunAsync(model, [input]))[0].Elements<float>().ToArray();
    }

    private static Value Convolution(GraphBuilder graph, Value x, long pad, long groups = 1)
    {
        Value weights = graph.Constant(Constant.Floats(Numbers((int)(4 * 2 / groups * 9), 7), 4, 2 / groups, 3, 3));
        return graph.Convolution(x, weights, null, new Window([3, 3], [1, 1], [1, 1], [pad, pad], [pad, pad]), groups);
    }

    private static Value Channels(GraphBuilder graph, int count, int seed) =>
        graph.Constant(Constant.Floats(Numbers(count, seed), 1, count, 1, 1));

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 0.9f)];
    }
}
