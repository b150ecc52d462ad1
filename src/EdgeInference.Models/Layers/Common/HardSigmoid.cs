using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>max(0, min(1, alpha * x + beta)); the two numbers are attributes in legacy files and operands in newer ones.</summary>
[OpsetLayer("HardSigmoid")]
[LegacyLayer("HardSigmoid")]
internal sealed class HardSigmoid : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        float alpha = layer.Opset > 0 ? layer.ConstantFloat(1) : layer.Float("alpha", 0.2f);
        float beta = layer.Opset > 0 ? layer.ConstantFloat(2) : layer.Float("beta", 0.5f);
        return [graph.Unary("HardSigmoid", layer.Input(0), ("alpha", alpha), ("beta", beta))];
    }
}
