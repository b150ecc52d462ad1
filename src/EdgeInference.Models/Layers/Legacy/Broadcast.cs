using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("Broadcast")]
internal sealed class Broadcast : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Expand(layer.Input(0), layer.Input(1))];
}
