using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;

namespace EdgeInference.Models.Quantization;

/// <summary>
/// FakeQuantize in float arithmetic. Not as QuantizeLinear and DequantizeLinear: ONNX Runtime takes those around a
/// convolution as leave to quantise its weights too, as it sees fit.
/// </summary>
internal static class FloatQuantization
{
    /// <summary>Of more bounds than this none of a real model's layers has, zero points are not compared.</summary>
    private const int MostBounds = 1 << 16;

    public static void Run(Graph graph, LoadBudget budget) => GraphRewriter.Run(
        graph,
        budget,
        static (node, builder) => node is FakeQuantizeNode quantize ? Build(builder, quantize) : null);

    public static Value Build(GraphBuilder graph, FakeQuantizeNode quantize)
    {
        Value x = quantize.Inputs[0]!;
        QuantizationRange range = quantize.Range;
        if (quantize.ChannelLastLevels is { } highest)
        {
            float low = range.InputLow.ToFloats()[0];
            x = graph.Binary("Min", x, graph.Constant(Constant.Floats(Array.ConvertAll(highest, level => level + low), Shapes.OfChannels(highest.Length, x.Rank))));
        }

        Value inputLow = graph.Constant(range.InputLow);
        Value inputHigh = graph.Constant(range.InputHigh);
        Value outputLow = graph.Constant(range.OutputLow);
        Value outputHigh = graph.Constant(range.OutputHigh);
        float last = range.Levels - 1;
        Value perStep = graph.Divide(graph.Float(last), graph.Subtract(inputHigh, inputLow));
        Value step = graph.Divide(graph.Subtract(outputHigh, outputLow), graph.Float(last));

        if (IsInverted(range))
        {
            Value level = graph.Unary("Round", graph.Multiply(graph.Subtract(x, inputLow), perStep));
            Value inside = graph.Add(graph.Multiply(level, step), outputLow);
            Value above = graph.Compare("Greater", x, graph.Binary("Max", inputLow, inputHigh));
            Value below = graph.Compare("LessOrEqual", x, graph.Binary("Min", inputLow, inputHigh));
            return graph.Where(below, outputLow, graph.Where(above, outputHigh, inside));
        }

        // The scales at both ends are for the convolutions before and behind to take over, and the clip comes first for the
        // one before to take over too: its bounds are whole numbers, so that the order makes no difference.
        if (EvenZeroPoint(range) is { } zero)
        {
            Value scaled = graph.Clip(graph.Multiply(x, perStep), quantize.FirstLevel - zero, quantize.LastLevel - zero);
            return graph.Multiply(graph.Unary("Round", scaled), step);
        }

        Value shift = graph.Multiply(graph.Subtract(graph.Float(0), inputLow), perStep);
        Value shifted = graph.Clip(graph.Add(graph.Multiply(x, perStep), shift), quantize.FirstLevel, quantize.LastLevel);
        return graph.Add(graph.Multiply(graph.Unary("Round", shifted), step), outputLow);
    }

    private static bool IsInverted(QuantizationRange range) =>
        Pairs(range.InputLow, range.InputHigh)?.Any(static bounds => bounds.Low >= bounds.High)
        ?? range.InputLow.ToFloats().Max() >= range.InputHigh.ToFloats().Min();

    /// <summary>
    /// The level that stands for zero, if it is one and the same for all channels, of the input and of the output, and even:
    /// then a value halfway between two levels goes to the same one, counted from zero or from the lowest.
    /// </summary>
    private static float? EvenZeroPoint(QuantizationRange range)
    {
        if (range.InputLow.Count > MostBounds || range.OutputLow.Count > MostBounds)
            return null;
        if (Pairs(range.InputLow, range.InputHigh) is not { } inputs || Pairs(range.OutputLow, range.OutputHigh) is not { } outputs)
            return null;
        float[] zeros = [.. inputs.Concat(outputs).Select(bounds => -bounds.Low / (bounds.High - bounds.Low) * (range.Levels - 1))];
        float zero = MathF.Round(zeros[0]);
        return zero % 2 == 0 && zeros.All(other => MathF.Abs(other - zero) < 1e-4f * MathF.Max(1, zero)) ? zero : null;
    }

    /// <summary>The bounds that go together; null where they lie along different axes.</summary>
    private static IEnumerable<(float Low, float High)>? Pairs(Constant low, Constant high)
    {
        float[] lows = low.ToFloats();
        float[] highs = high.ToFloats();
        return lows.Length == 1 || highs.Length == 1 || low.Shape.SequenceEqual(high.Shape)
            ? Enumerable.Range(0, Math.Max(lows.Length, highs.Length)).Select(i => (lows[i % lows.Length], highs[i % highs.Length]))
            : null;
    }
}
