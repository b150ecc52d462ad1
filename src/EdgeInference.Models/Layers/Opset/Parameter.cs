using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Parameter")]
internal sealed class Parameter : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        graph.LayerName = layer.OutputName(0);
        return [graph.Input(IrElementTypes.Parse(layer.Text("element_type")), layer.DeclaredShape())];
    }
}
