using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>A tensor of the shape at the first input that holds the number at the second everywhere.</summary>
[LegacyLayer("Fill")]
internal sealed class Fill : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Expand(graph.Reshape(layer.Input(1), []), layer.Input(0))];
}
