using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Its input as it is.</summary>
[LegacyLayer("Copy")]
internal sealed class Copy : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) => [layer.Input(0)];
}
