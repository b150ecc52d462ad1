using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Consecutive parts along an axis, of the sizes declared at the outputs.</summary>
[LegacyLayer("Split")]
[LegacyLayer("Slice")]
internal sealed class Split : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        int axis = Shapes.Axis(layer.Int("axis", 1), x.Rank);
        return graph.Split(x, axis, [.. Enumerable.Range(0, layer.Outputs.Count).Select(i => layer.DeclaredShape(i)[axis])]);
    }
}
