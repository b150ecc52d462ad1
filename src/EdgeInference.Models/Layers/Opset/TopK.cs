using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Of equal elements the first come first, which is what <c>stable</c> (opset 11) asks for.</summary>
[OpsetLayer("TopK")]
internal sealed class TopK : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value values, Value indices) = TopElements.Of(layer, graph);
        return [values, graph.Cast(indices, IrElementTypes.Parse(layer.Text("index_element_type", "i32")))];
    }
}
