using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Result")]
internal sealed class Result : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        graph.Graph.AddOutput(layer.InputName(0), layer.Input(0));
        return [];
    }
}
