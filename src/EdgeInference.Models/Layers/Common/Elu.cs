using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>x, or alpha * (exp(x) - 1) below zero.</summary>
[OpsetLayer("Elu")]
[LegacyLayer("ELU")]
internal sealed class Elu : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Unary("Elu", layer.Input(0), ("alpha", layer.Float("alpha", 1)))];
}
