using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

[OpsetLayer("SoftMax")]
[LegacyLayer("SoftMax")]
internal sealed class Softmax : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Softmax(layer.Input(0), layer.Int("axis", 1))];
}
