using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("Permute")]
internal sealed class Permute : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Transpose(layer.Input(0), layer.Ints("order"))];
}
