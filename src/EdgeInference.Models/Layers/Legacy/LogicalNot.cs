using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>1 where x is 0, else 0.</summary>
[LegacyLayer("Not")]
internal sealed class LogicalNot : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Cast(graph.Not(graph.Truth(layer.Input(0))), layer.Input(0).ElementType)];
}
