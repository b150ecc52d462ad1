using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>HSigmoid is min(max(x + 3, 0), 6) / 6, HSwish the same times x.</summary>
[OpsetLayer("HSigmoid")]
[OpsetLayer("HSwish")]
internal sealed class HardSwish : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
    [
        layer.Type is "HSwish"
            ? graph.Unary("HardSwish", layer.Input(0))
            : graph.Unary("HardSigmoid", layer.Input(0), ("alpha", 1f / 6), ("beta", 0.5f)),
    ];
}
