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
            "HALF_AWAY_FROM_ZERO" => [graph.RoundAwayFromZero(layer.Input(0))],
            _ => throw new LayerException($"mode '{layer.Text("mode")}' is not known"),
        };
}
