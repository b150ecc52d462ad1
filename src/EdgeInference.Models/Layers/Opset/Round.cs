using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The nearest whole number; halves go to the even one or away from zero.</summary>
[OpsetLayer("Round")]
internal sealed class Round : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        layer.Text("mode", "half_to_even").ToUpperInvariant() switch
        {
            "HALF_TO_EVEN" => [graph.Unary("Round", layer.Input(0))],
            "HALF_AWAY_FROM_ZERO" => [AwayFromZero(graph, layer.Input(0))],
            _ => throw new LayerException($"mode '{layer.Text("mode")}' is not known"),
        };

    private static Value AwayFromZero(GraphBuilder graph, Value x)
    {
        if (x.ElementType != EdgeInference.Inference.TensorElementType.Float32)
            return x;
        Value size = graph.Unary("Abs", x);
        Value whole = graph.Unary("Floor", size);
        Value up = graph.Cast(graph.Compare("GreaterOrEqual", graph.Subtract(size, whole), graph.Float(0.5f)), x.ElementType);
        return graph.Multiply(graph.Unary("Sign", x), graph.Add(whole, up));
    }
}
