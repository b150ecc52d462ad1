using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("Tile")]
internal sealed class Tile : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        var repeats = new long[layer.Input(0).Rank];
        Array.Fill(repeats, 1);
        repeats[Shapes.Axis(layer.Int("axis"), repeats.Length)] = layer.Int("tiles");
        return [graph.Tile(layer.Input(0), repeats)];
    }
}
