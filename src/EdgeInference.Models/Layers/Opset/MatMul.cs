using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("MatMul")]
internal sealed class MatMul : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.MatMul(layer.Input(0), layer.Input(1), layer.Flag("transpose_a", false), layer.Flag("transpose_b", false))];
}
