using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;

namespace EdgeInference.Models.Quantization;

/// <summary>
/// A quantisation with a scale for each channel becomes one with a single scale between two multiplications, where a
/// depthwise convolution follows: it takes over the second, the layer before takes over the first, and what is left can be
/// computed in whole numbers.
/// </summary>
internal static class SplitChannelScales
{
    public static void Run(Graph graph, LoadBudget budget)
    {
        var uses = new Uses(graph);
        GraphRewriter.Run(graph, budget, (node, builder) =>
            node is FakeQuantizeNode quantize
            && ByteLevels.Of(quantize) is { Scales.Length: > 1 } levels
            && uses.OnlyUser(quantize.Output) is { } next
            && IsDepthwise(next)
                ? Split(builder, quantize, levels)
                : null);
    }

    private static Value Split(GraphBuilder graph, FakeQuantizeNode quantize, ByteLevels levels)
    {
        Value x = quantize.Inputs[0]!;
        long[] shape = [levels.Scales.Length, .. Enumerable.Repeat(1L, x.Rank - 2)];
        Value scaled = graph.Multiply(x, graph.Constant(Constant.Floats(Array.ConvertAll(levels.Scales, static scale => 1 / scale), shape)));
        var quantized = new Value(graph.LayerName, TensorElementType.Float32, [.. x.Shape]);
        graph.Add(new FakeQuantizeNode(scaled, levels.UnitRange(quantize.Range.Levels), quantized)
        {
            FirstLevel = quantize.FirstLevel,
            LastLevel = quantize.LastLevel,
        });
        return graph.Multiply(quantized, graph.Constant(Constant.Floats(levels.Scales, shape)));
    }

    private static bool IsDepthwise(Node node) =>
        node.Operation is "Conv" && node.Inputs[1]?.Shape[1] == 1 && node.Int("group", 1) == node.Inputs[0]!.Shape[1];
}
