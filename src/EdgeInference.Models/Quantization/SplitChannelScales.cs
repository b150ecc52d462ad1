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
            && uses.OnlyUser(quantize.Output) is { } next
            && IsDepthwise(next)
            && quantize.Range.PerChannel(quantize.Output.Shape) is { Length: > 1 } spans
                ? Split(builder, quantize, spans, uses)
                : null);
    }

    private static Value? Split(GraphBuilder graph, FakeQuantizeNode quantize, LevelSpan[] spans, Uses uses)
    {
        ByteLevels?[] channels = Array.ConvertAll(spans, static span => ByteLevels.Of([span]));
        if (channels.Any(static channel => channel is null))
            return null;

        // A channel that is always zero may have another zero point, with negative levels that the clip before keeps unused.
        Value x = quantize.Inputs[0]!;
        (float Low, float High) bounds = (float.NegativeInfinity, float.PositiveInfinity);
        if (uses.Once(x) && x.Producer is { } clip && AbsorbClips.Bounds(clip) is { } absorbed)
            (x, bounds) = (clip.Inputs[0]!, absorbed);
        byte zero = channels.CountBy(static channel => channel!.ZeroPoint).MaxBy(static count => count.Value).Key;
        int[] shifts = Array.ConvertAll(channels, channel => zero - channel!.ZeroPoint);
        int[] first = [.. spans.Zip(shifts, (span, shift) => span.Level(bounds.Low) + shift).Distinct()];
        int[] last = [.. spans.Zip(shifts, (span, shift) => span.Level(bounds.High) + shift)];
        if (first.Length > 1 || first[0] < 0 || last.Max() >= quantize.Range.Levels)
            return null;

        float[] scales = Array.ConvertAll(channels, static channel => channel!.Scales[0]);
        long[] shape = Shapes.OfChannels(scales.Length, x.Rank);
        Value scaled = graph.Multiply(x, graph.Constant(Constant.Floats(Array.ConvertAll(scales, static scale => 1 / scale), shape)));
        var quantized = new Value(graph.LayerName, TensorElementType.Float32, [.. x.Shape]);
        graph.Add(new FakeQuantizeNode(scaled, ByteLevels.UnitRange(zero, quantize.Range.Levels), quantized)
        {
            FirstLevel = first[0],
            LastLevel = last.Max(),
            ChannelLastLevels = last.Distinct().Count() > 1 ? last : null,
        });
        return graph.Multiply(quantized, graph.Constant(Constant.Floats(scales, shape)));
    }

    private static bool IsDepthwise(Node node) =>
        node.Operation is "Conv" && node.Inputs[1]?.Shape[1] == 1 && node.Int("group", 1) == node.Inputs[0]!.Shape[1];
}
