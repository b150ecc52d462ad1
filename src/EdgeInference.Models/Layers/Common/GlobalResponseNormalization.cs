using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>x / sqrt(S + bias), where S is the sum of the squares over the channels at one place.</summary>
[OpsetLayer("GRN")]
[LegacyLayer("GRN")]
internal sealed class GlobalResponseNormalization : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.NormalizeL2(layer.Input(0), [1], layer.Float("bias"))];
}
