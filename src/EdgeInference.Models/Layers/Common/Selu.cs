using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>gamma * x, or gamma * alpha * (exp(x) - 1) below zero; the two numbers are attributes in legacy files and operands in newer ones.</summary>
[OpsetLayer("Selu")]
[LegacyLayer("Selu")]
internal sealed class Selu : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        float alpha = layer.Opset > 0 ? layer.ConstantFloat(1) : layer.Float("alpha", 1.67326324f);
        float gamma = layer.Opset > 0 ? layer.ConstantFloat(2) : layer.Float("gamma", 1.05070098f);
        return [graph.Unary("Selu", layer.Input(0), ("alpha", alpha), ("gamma", gamma))];
    }
}
