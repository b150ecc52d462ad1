using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

[OpsetLayer("Clamp")]
[LegacyLayer("Clamp")]
internal sealed class Clamp : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Clip(layer.Input(0), layer.Float("min"), layer.Float("max"))];
}
