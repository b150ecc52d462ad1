using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;

namespace EdgeInference.Models.Quantization;

/// <summary>
/// Writes quantised layers so that ONNX Runtime computes them in whole numbers: between QuantizeLinear and
/// DequantizeLinear, with weights and bias behind a DequantizeLinear of their own. Layers without that form stay in float.
/// </summary>
internal sealed class IntegerLayers
{
    /// <summary>Moves of one value: many layers may follow the same ones. Real models have up to four.</summary>
    private const int MostMoves = 16;

    private readonly Uses _uses;
    private readonly Dictionary<Node, ByteLevels> _byteNodes = [];
    private readonly Dictionary<Value, Bytes> _bytes = [];

    private IntegerLayers(Graph graph)
    {
        _uses = new Uses(graph);
        foreach (FakeQuantizeNode quantize in graph.Nodes.OfType<FakeQuantizeNode>())
        {
            if (ByteLevels.Of(quantize) is { Scales.Length: 1 } levels)
                _byteNodes.Add(quantize, levels);
        }

        // ONNX Runtime would quantise the weights of such a layer by itself, with one scale for all outputs.
        foreach (Node layer in graph.Nodes.Where(node => IsWeighted(node) && LeadsToBytes(node)))
        {
            if (Source(layer.Inputs[0]!).Producer is FakeQuantizeNode quantize
                && _byteNodes.TryGetValue(quantize, out ByteLevels? levels)
                && !HasIntegerForm(layer, levels.Scales[0]))
            {
                _byteNodes.Remove(quantize);
            }
        }
    }

    public static void Run(Graph graph, LoadBudget budget)
    {
        var layers = new IntegerLayers(graph);
        GraphRewriter.Run(graph, budget, layers.Replace);
    }

    private Value? Replace(Node node, GraphBuilder graph) => node switch
    {
        FakeQuantizeNode quantize when _byteNodes.TryGetValue(quantize, out ByteLevels? levels) => Quantize(graph, quantize, levels),
        { Operation: "Conv" } when LeadsToBytes(node) => Layer(node, graph),
        { Operation: "Gemm" or "MatMul" } => Layer(node, graph),
        _ => null,
    };

    private Value Quantize(GraphBuilder graph, FakeQuantizeNode quantize, ByteLevels levels)
    {
        Value scale = graph.Constant(Constant.Floats([levels.Scales[0]]).WithShape([]));
        Value zeroPoint = graph.Constant(new Constant(TensorElementType.UInt8, [], new[] { levels.ZeroPoint }));
        Value bytes = graph.QuantizeLinear(quantize.Inputs[0]!, scale, zeroPoint);
        if (quantize.FirstLevel > 0 || quantize.LastLevel < byte.MaxValue)
            bytes = graph.Clip(bytes, quantize.FirstLevel, quantize.LastLevel);
        if (quantize.ChannelLastLevels is { } last)
        {
            var highest = new Constant(TensorElementType.UInt8, Shapes.OfChannels(last.Length, bytes.Rank), Array.ConvertAll(last, static level => (byte)level));
            bytes = graph.Add("Min", [bytes, graph.Constant(highest)], TensorElementType.UInt8, [.. bytes.Shape]);
        }

        return Dequantize(graph, new Bytes(bytes, scale, zeroPoint));
    }

    private Value Dequantize(GraphBuilder graph, Bytes bytes)
    {
        Value x = graph.DequantizeLinear(bytes.Value, bytes.Scale, bytes.ZeroPoint);
        _bytes.Add(x, bytes);
        return x;
    }

    /// <summary>The layer with operands that are visibly quantised; null when one of them is not.</summary>
    private Value? Layer(Node node, GraphBuilder graph)
    {
        if (Weights(node) is not { } weights || AsBytes(node.Inputs[0]!, graph) is not { } x)
            return null;
        int axis = WeightAxis(node);
        Value weightScales = graph.Constant(Constant.Floats(weights.Scales, weights.Scales.Length));
        Value levels = graph.Constant(new Constant(TensorElementType.Int8, [.. node.Inputs[1]!.Shape], MemoryMarshal.AsBytes<sbyte>(weights.Levels).ToArray()));
        Value zeros = graph.Constant(new Constant(TensorElementType.Int8, [weights.Scales.Length], new byte[weights.Scales.Length]));
        Value? bias = null;
        if (node.Inputs.ElementAtOrDefault(2) is { } floats)
        {
            if (Bias(graph, floats, BiasScales(weights, _bytes[x].Scale.Constant!.Values<float>()[0])) is not { } wholeBias)
                return null;
            bias = wholeBias;
        }

        Value dequantized = graph.DequantizeLinear(levels, weightScales, zeros, axis);
        return graph.Add(node.Operation, bias is null ? [x, dequantized] : [x, dequantized, bias], node.Output.ElementType, [.. node.Output.Shape], [.. node.Attributes]);
    }

    /// <summary>A value of bytes, dequantised right before its use; null for a value that is none.</summary>
    private Value? AsBytes(Value x, GraphBuilder graph)
    {
        if (_bytes.ContainsKey(x))
            return x;
        if (!_bytes.TryGetValue(Source(x), out Bytes? source))
            return null;

        // What moves bytes gives bytes: to quantise them once more changes nothing, and lets the engine see it.
        return Dequantize(graph, source with { Value = graph.QuantizeLinear(x, source.Scale, source.ZeroPoint) });
    }

    private static bool HasIntegerForm(Node layer, float inputScale) =>
        Weights(layer) is { } weights
        && (layer.Inputs.ElementAtOrDefault(2) is not { } bias || BiasLevels(bias, BiasScales(weights, inputScale)) is not null);

    private static Value? Bias(GraphBuilder graph, Value bias, float[] scales)
    {
        if (BiasLevels(bias, scales) is not { } levels)
            return null;
        byte[] bytes = MemoryMarshal.AsBytes<int>(levels).ToArray();
        Value whole = graph.Constant(new Constant(TensorElementType.Int32, [levels.Length], bytes));
        Value zeros = graph.Constant(new Constant(TensorElementType.Int32, [levels.Length], new byte[bytes.Length]));
        return graph.DequantizeLinear(whole, graph.Constant(Constant.Floats(scales, scales.Length)), zeros);
    }

    /// <summary>The bias in steps of the products; null where it is not known at load or too large for 32 bits.</summary>
    private static int[]? BiasLevels(Value bias, float[] scales)
    {
        if (bias.Constant is not { } constant || constant.Count != scales.Length)
            return null;
        double[] levels = [.. constant.ToFloats().Zip(scales, static (value, scale) => Math.Round(value / (double)scale))];
        return levels.All(static level => Math.Abs(level) < int.MaxValue / 2) ? Array.ConvertAll(levels, static level => (int)level) : null;
    }

    private static float[] BiasScales(WeightLevels weights, float inputScale) => Array.ConvertAll(weights.Scales, scale => scale * inputScale);

    private bool LeadsToBytes(Node node) => _uses.OnlyUser(node.Output) is { } next && _byteNodes.ContainsKey(next);

    private static bool IsWeighted(Node node) => node.Operation is "Conv" or "ConvTranspose" or "Gemm";

    private static WeightLevels? Weights(Node node) =>
        node.Operation is not "ConvTranspose"
        && node.Inputs[1]?.Constant is { ElementType: TensorElementType.Float32 } weights
        && (node.Operation is "Conv" || weights.Shape.Length == 2)
            ? WeightLevels.Of(weights, WeightAxis(node))
            : null;

    /// <summary>The axis of the weights that counts the outputs.</summary>
    private static int WeightAxis(Node node) =>
        node.Operation is "Conv" || node.Int("transB", 0) == 1 ? 0 : node.Inputs[1]!.Rank - 1;

    /// <summary>Where a value comes from that was at most moved since.</summary>
    private static Value Source(Value x)
    {
        for (int i = 0; i < MostMoves && x.Producer is { Operation: "MaxPool" or "Reshape" or "Transpose" or "Squeeze" or "Unsqueeze" } node; i++)
            x = node.Inputs[0]!;
        return x;
    }

    private sealed record Bytes(Value Value, Value Scale, Value ZeroPoint);
}
