using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("Const")]
internal sealed class Const : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Constant(layer.Blob("custom", layer.DeclaredShape()))];
}
