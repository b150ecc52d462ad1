using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

[OpsetLayer("Concat")]
[LegacyLayer("Concat")]
internal sealed class Concat : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        _ = layer.Input(0);
        return [graph.Concat(layer.Inputs, layer.Int("axis", 1))];
    }
}
