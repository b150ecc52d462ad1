using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Convert")]
internal sealed class Convert : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Cast(layer.Input(0), IrElementTypes.Parse(layer.Text("destination_type")))];
}
