using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>max(x, 0), or x * negative_slope below zero in legacy files.</summary>
[OpsetLayer("ReLU")]
[LegacyLayer("ReLU")]
internal sealed class Relu : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        float slope = layer.Float("negative_slope", 0);
        if (slope != 0)
            return [graph.Unary("LeakyRelu", x, ("alpha", slope))];
        return [x.ElementType == TensorElementType.Float32 ? graph.Unary("Relu", x) : graph.Clip(x, 0, double.PositiveInfinity)];
    }
}
