using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Const")]
internal sealed class Const : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Constant(layer.Blob(new IrBlob(layer.Int("offset"), layer.Int("size")), layer.Text("element_type"), layer.Ints("shape")))];
}
