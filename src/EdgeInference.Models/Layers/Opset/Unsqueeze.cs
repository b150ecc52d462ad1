using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Unsqueeze")]
internal sealed class Unsqueeze : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Unsqueeze(layer.Input(0), layer.ConstantInts(1))];
}
