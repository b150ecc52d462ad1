using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>max(0, min(x, n)), where n is 6 unless given.</summary>
[LegacyLayer("ReLU6")]
internal sealed class Relu6 : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Clip(layer.Input(0), 0, layer.Float("n", 6))];
}
