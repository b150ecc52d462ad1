using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Pooling to the spatial sizes of input 1.</summary>
[OpsetLayer("AdaptiveAvgPool")]
internal sealed class AdaptiveAvgPool : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.AdaptiveAveragePool(layer.Input(0), layer.ConstantInts(1))];
}

/// <summary>Pooling to the spatial sizes of input 1; the second output says where the maxima stand in the flattened spatial axes.</summary>
[OpsetLayer("AdaptiveMaxPool")]
internal sealed class AdaptiveMaxPool : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value values, Value indices) = graph.AdaptiveMaxPool(layer.Input(0), layer.ConstantInts(1));
        return [values, graph.Cast(indices, IrElementTypes.Parse(layer.Text("index_element_type", "i64")))];
    }
}
