using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>x * tanh(ln(1 + exp(x))).</summary>
[OpsetLayer("Mish")]
[LegacyLayer("Mish")]
internal sealed class Mish : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        return [graph.Multiply(x, graph.Unary("Tanh", graph.Unary("Softplus", x)))];
    }
}
