using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>The indices are floats, as all that legacy engines compute.</summary>
[LegacyLayer("TopK")]
internal sealed class TopK : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value values, Value indices) = TopElements.Of(layer, graph);
        return [values, graph.Cast(indices, TensorElementType.Float32)];
    }
}
