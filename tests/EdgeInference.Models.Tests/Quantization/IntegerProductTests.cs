using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Tests.Quantization;

/// <summary>Matrix products of quantised rows with weights that are stored in eight bits.</summary>
public sealed class IntegerProductTests
{
    private const int Inner = 24;
    private const int Columns = 8;

    [Theory]
    [InlineData(false, false, 2)]
    [InlineData(false, true, 2)]
    [InlineData(true, false, 2)]
    [InlineData(true, true, 2)]
    [InlineData(false, false, 3)]
    [InlineData(false, true, 3)]
    public async Task Run_QuantizedRows_AreMultipliedInWholeNumbers(bool fullyConnected, bool bias, int rank)
    {
        float[] input = [.. Enumerable.Range(0, 5 * Inner).Select(static i => MathF.Cos(i * 1.3f) * 2)];

        QuantizedGraph integers = Build(fullyConnected, bias, rank, integers: true);

        Assert.Equal(new KernelCensus(0, 0, 1, 0), integers.Count());
        float[] expected = await Build(fullyConnected, bias, rank, integers: false).RunAsync(input);
        float[] actual = await integers.RunAsync(input);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public async Task Run_BiasWithoutAxes_IsAddedToTheOnlyColumn()
    {
        var test = new QuantizedGraph(2, 1);
        Value stored = test.Builder.Cast(test.Builder.Constant(new Constant(TensorElementType.Int8, [1, 1], new byte[] { 3 })), TensorElementType.Float32);
        test.Graph.AddOutput("y", test.Builder.Add(test.Builder.MatMul(test.Input, stored), test.Builder.Float(0.5f)));
        GraphPasses.Run(test.Graph, OnnxTarget.OnnxRuntime, integerLayers: true, new LoadBudget(1 << 20, 1 << 20));

        float[] actual = await test.RunAsync([1, 2]);

        Assert.Equal([3.5f, 6.5f], actual);
    }

    private static QuantizedGraph Build(bool fullyConnected, bool bias, int rank, bool integers)
    {
        var test = new QuantizedGraph(rank == 3 ? [1, 5, Inner] : [5, Inner]);
        GraphBuilder graph = test.Builder;
        Constant low = Constant.Floats([-2]);
        Constant high = Constant.Floats([2 * 127 / 128f]);
        Value x = graph.FakeQuantize(test.Input, new QuantizationRange(low, high, low, high, 256));
        byte[] levels = [.. Enumerable.Range(0, Columns * Inner).Select(static i => (byte)(((i * 89) % 255) - 127))];
        Value stored = graph.Cast(graph.Constant(new Constant(TensorElementType.Int8, [Columns, Inner], levels)), TensorElementType.Float32);
        Value weights = graph.Multiply(stored, test.Floats([.. Enumerable.Range(1, Columns).Select(static i => i * 0.001f)], Columns, 1));
        Value terms = test.Floats([.. Enumerable.Range(0, Columns).Select(static i => i - 3.5f)], Columns);
        Value y = fullyConnected ? graph.FullyConnected(x, weights, bias ? terms : null) : graph.MatMul(x, weights, transposeSecond: true);
        test.Graph.AddOutput("y", bias && !fullyConnected ? graph.Add(y, terms) : y);
        GraphPasses.Run(test.Graph, OnnxTarget.OnnxRuntime, integers, new LoadBudget(1 << 20, 1 << 20));
        return test;
    }
}
