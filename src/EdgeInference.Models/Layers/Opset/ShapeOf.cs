using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("ShapeOf")]
internal sealed class ShapeOf : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.ShapeOf(layer.Input(0), IrElementTypes.Parse(layer.Text("output_type", "i64")))];
}
