using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Layers that only give the same elements the shape declared at their output.</summary>
[LegacyLayer("Reshape")]
[LegacyLayer("Flatten")]
[LegacyLayer("Squeeze")]
[LegacyLayer("Unsqueeze")]
internal sealed class Reshape : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Reshape(layer.Input(0), layer.DeclaredShape())];
}
