using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>x times the normal distribution's probability of less than x, exactly or by the tanh approximation.</summary>
[OpsetLayer("Gelu")]
[LegacyLayer("GELU")]
internal sealed class Gelu : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value twiceProbability = graph.Add(SignedProbability(layer, graph, x), graph.Float(1));
        return [graph.Multiply(graph.Multiply(x, twiceProbability), graph.Float(0.5f))];
    }

    /// <summary>Twice the probability less one.</summary>
    private static Value SignedProbability(LayerSource layer, GraphBuilder graph, Value x)
    {
        switch (layer.Text("approximation_mode", "ERF").ToUpperInvariant())
        {
            case "ERF":
                return graph.Unary("Erf", graph.Divide(x, graph.Float(MathF.Sqrt(2))));
            case "TANH":
                Value cubic = graph.Multiply(graph.Binary("Pow", x, graph.Float(3)), graph.Float(0.044715f));
                return graph.Unary("Tanh", graph.Multiply(graph.Add(x, cubic), graph.Float(MathF.Sqrt(2 / MathF.PI))));
            default:
                throw new LayerException($"approximation_mode '{layer.Text("approximation_mode")}' is not known");
        }
    }
}
