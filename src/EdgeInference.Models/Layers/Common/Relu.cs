using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>max(x, 0), or x * negative_slope below zero in legacy files.</summary>
[OpsetLayer("ReLU")]
[LegacyLayer("ReLU")]
internal sealed class Relu : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        float slope = layer.Float("negative_slope", 0);
        return [slope == 0 ? graph.Unary("Relu", layer.Input(0)) : graph.Unary("LeakyRelu", layer.Input(0), ("alpha", slope))];
    }
}
