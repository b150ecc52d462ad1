using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("NonZero")]
internal sealed class NonZero : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Cast(graph.NonZero(layer.Input(0)), IrElementTypes.Parse(layer.Text("output_type", "i64")))];
}
