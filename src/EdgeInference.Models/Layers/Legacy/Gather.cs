using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Parts of a tensor along an axis; the second input holds the indices.</summary>
[LegacyLayer("Gather")]
internal sealed class Gather : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Gather(layer.Input(0), layer.Input(1), layer.Int("axis", 0))];
}
