using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>Two queries, three keys and values, all of size 4.</summary>
public sealed class AttentionTests
{
    private const string Type = "ScaledDotProductAttention:13";
    private const int Size = 4;

    private static readonly float[] Queries = [0.5f, -1, 0.25f, 2, 1, 0.75f, -0.5f, 0];
    private static readonly float[] Keys = [1, 0.5f, -1, 0.25f, 0.1f, 2, 0.3f, -0.4f, -0.6f, 0.7f, 0.8f, 1.5f];

    [Fact]
    public async Task Build_NoMask_EqualsThePlainSums() =>
        AssertNear(Attend(0.5, static (_, _) => 0), await ComputeAsync("causal=false", static _ => []));

    [Fact]
    public async Task Build_Causal_IgnoresTheMaskAndLaterKeys() =>
        AssertNear(
            Attend(0.5, static (query, key) => key <= query ? 0 : double.NegativeInfinity),
            await ComputeAsync("causal=true", static graph => [graph.Float(100)]));

    [Fact]
    public async Task Build_MaskOfNumbersAndScale_UsesBoth() =>
        AssertNear(
            Attend(2, static (query, key) => query - key),
            await ComputeAsync("causal=false", static graph => [graph.Constant(Constant.Floats([0, -1, -2, 1, 0, -1], 1, 2, 3)), graph.Float(2)]));

    [Fact]
    public async Task Build_MaskOfBooleans_LeavesOutWhatIsFalse() =>
        AssertNear(
            Attend(0.5, static (_, key) => key == 1 ? double.NegativeInfinity : 0),
            await ComputeAsync("causal=false", static graph => [TestGraph.Constant(graph, TensorElementType.Boolean, [1, 0, 1], 1, 3)]));

    [Fact]
    public void Build_WhatIsNotSupported_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 2, Shapes.Unknown]);
        Value vector = graph.Input(TensorElementType.Float32, [4]);
        Value open = graph.Input(TensorElementType.Float32, [1, Shapes.Unknown, 4]);

        Assert.Equal("attention sinks are not supported", Refusal("", x, x, x, x, x, x));
        Assert.Equal("queries [1,2,?] are of unknown size, and no scale is given", Refusal("", x, x, x));
        Assert.Equal("queries [4] and keys [1,2,?] are not matrices", Refusal("", vector, x, x));
        Assert.Equal("a causal mask needs sizes that are known at load", Refusal("causal=true", open, open, open));

        string Refusal(string attributes, params Value[] inputs) =>
            Assert.Throws<LayerException>(() => TestLayer.Opset(graph, Type, attributes, inputs)).Message;
    }

    private static async Task<float[]> ComputeAsync(string attributes, Func<GraphBuilder, Value[]> others)
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats(Queries, 1, 2, Size), (graph, queries) =>
        {
            Value keys = graph.Constant(Constant.Floats(Keys, 1, 3, Size));
            return TestLayer.Opset(graph, Type, attributes, [queries, keys, keys, .. others(graph)]);
        });
        return result.Elements<float>().ToArray();
    }

    /// <summary>Attention with the keys as values.</summary>
    private static double[] Attend(double scale, Func<int, int, double> mask)
    {
        var result = new double[Queries.Length];
        for (int query = 0; query < Queries.Length / Size; query++)
        {
            double[] weights = [.. Enumerable.Range(0, Keys.Length / Size).Select(key => Math.Exp((scale * Score(query, key)) + mask(query, key)))];
            for (int i = 0; i < Size; i++)
                result[(query * Size) + i] = weights.Select((weight, key) => weight * Keys[(key * Size) + i]).Sum() / weights.Sum();
        }

        return result;
    }

    private static double Score(int query, int key) =>
        Enumerable.Range(0, Size).Sum(i => (double)Queries[(query * Size) + i] * Keys[(key * Size) + i]);

    private static void AssertNear(double[] expected, float[] computed) =>
        Assert.All(expected.Zip(computed), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
}
