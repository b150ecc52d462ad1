using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Parts of a tensor along an axis; from opset 7 on, the first axes may be shared with the indices.</summary>
[OpsetLayer("Gather")]
internal sealed class Gather : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value indices = layer.Input(1);
        long batchAxes = layer.Int("batch_dims", 0);
        return [graph.Gather(layer.Input(0), indices, layer.ConstantInt(2), batchAxes < 0 ? batchAxes + indices.Rank : batchAxes)];
    }
}
