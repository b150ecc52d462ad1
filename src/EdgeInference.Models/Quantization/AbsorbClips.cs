using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Quantization;

/// <summary>A clip or ReLU whose result is quantised only bounds the levels, so that nothing stands between a layer and its quantisation.</summary>
internal static class AbsorbClips
{
    /// <summary>Clips before one quantisation: many quantisations may follow the same ones. Real models have one or two.</summary>
    private const int Most = 4;

    public static void Run(Graph graph)
    {
        foreach (FakeQuantizeNode quantize in graph.Nodes.OfType<FakeQuantizeNode>())
        {
            for (int i = 0; i < Most && quantize.Inputs[0]!.Producer is { } clip && Bounds(clip) is { } bounds && TryAbsorb(quantize, bounds); i++)
                quantize.Inputs[0] = clip.Inputs[0];
        }
    }

    private static bool TryAbsorb(FakeQuantizeNode quantize, (float Low, float High) bounds)
    {
        if (quantize.Range.PerChannel(quantize.Output.Shape) is not { } spans || spans.Any(static span => span.InputLow >= span.InputHigh))
            return false;
        if (spans.All(span => bounds.Low <= span.InputLow && bounds.High >= span.InputHigh))
            return true;
        if (spans.Length > 1)
            return false;
        int first = Math.Max(quantize.FirstLevel, spans[0].Level(bounds.Low));
        int last = Math.Min(quantize.LastLevel, spans[0].Level(bounds.High));
        if (first > last)
            return false;
        (quantize.FirstLevel, quantize.LastLevel) = (first, last);
        return true;
    }

    /// <summary>The bounds of a node that does nothing but hold values to them; null for any other.</summary>
    public static (float Low, float High)? Bounds(Node node) => node.Operation switch
    {
        "Relu" => (0, float.PositiveInfinity),
        "Clip" => (Bound(node, 1, float.NegativeInfinity), Bound(node, 2, float.PositiveInfinity)) is ({ } low, { } high) && low <= high ? (low, high) : null,
        _ => null,
    };

    private static float? Bound(Node clip, int input, float none) =>
        clip.Inputs.ElementAtOrDefault(input) is not { } bound ? none : bound.Constant?.ToFloats()[0];
}
