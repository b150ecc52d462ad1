using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("GatherElements")]
internal sealed class GatherElements : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.GatherElements(layer.Input(0), layer.Input(1), layer.Int("axis"))];
}
