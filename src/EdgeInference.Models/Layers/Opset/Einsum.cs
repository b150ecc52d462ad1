using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Einsum")]
internal sealed class Einsum : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        _ = layer.Input(0);
        return [graph.Einsum(EinsumEquation.Parse(layer.Text("equation")), layer.Inputs)];
    }
}
