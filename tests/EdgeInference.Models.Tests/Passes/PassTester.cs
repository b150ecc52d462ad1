using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Tests.Golden;

namespace EdgeInference.Models.Tests.Passes;

/// <summary>Builds a graph of one input [1,2,5,5] and one output, runs the passes, and compares with the graph as it was.</summary>
internal static class PassTester
{
    /// <summary>The passes leave these operations, and the results stay what they were.</summary>
    public static async Task AssertLeaves(OnnxTarget target, string[] operations, Func<GraphBuilder, Value, Value> build)
    {
        Graph plain = Build(build);
        Graph folded = Build(build);
        GraphPasses.Run(folded, target, integerLayers: false, new LoadBudget(1 << 20, 1 << 20));

        Assert.Equal(string.Join(' ', operations), string.Join(' ', folded.Nodes.Select(static node => node.Operation)));
        float[] expected = await Compute(plain);
        float[] actual = await Compute(folded);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
    }

    public static Graph Build(Func<GraphBuilder, Value, Value> build)
    {
        var graph = new Graph { Name = "test" };
        var builder = new GraphBuilder(graph, 1 << 20) { LayerName = "x" };
        Value x = builder.Input(TensorElementType.Float32, [1, 2, 5, 5]);
        graph.AddOutput("y", build(builder, x));
        return graph;
    }

    private static async Task<float[]> Compute(Graph graph)
    {
        var input = new Tensor(TensorElementType.Float32, 1, 2, 5, 5);
        Numbers(input.Count, 0).CopyTo(input.Elements<float>());
        return (await ModelRunner.RunAsync(ModelRunner.ToModel(graph), [input]))[0].Elements<float>().ToArray();
    }

    /// <summary>A 3x3 convolution.</summary>
    public static Value Convolution(GraphBuilder graph, Value x, long pad, long groups = 1, long channels = 4)
    {
        long[] shape = [channels, x.Shape[1] / groups, 3, 3];
        Value weights = graph.Constant(Constant.Floats(Numbers((int)Shapes.Count(shape), 7), shape));
        return graph.Convolution(x, weights, null, new Window([3, 3], [1, 1], [1, 1], [pad, pad], [pad, pad]), groups);
    }

    /// <summary>A number for each channel.</summary>
    public static Value Channels(GraphBuilder graph, int count, int seed) =>
        graph.Constant(Constant.Floats(Numbers(count, seed), 1, count, 1, 1));

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 0.9f)];
    }
}
