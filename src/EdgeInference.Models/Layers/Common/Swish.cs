using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>x * sigmoid(beta * x); beta is an attribute in legacy files and an optional operand in newer ones.</summary>
[OpsetLayer("Swish")]
[LegacyLayer("Swish")]
internal sealed class Swish : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value beta = layer.Inputs.Count > 1 ? graph.Reshape(layer.Input(1), []) : graph.Float(layer.Float("beta", 1));
        Value scaled = beta.Constant?.ToFloats() is [1] ? x : graph.Multiply(x, beta);
        return [graph.Multiply(x, graph.Unary("Sigmoid", scaled))];
    }
}
