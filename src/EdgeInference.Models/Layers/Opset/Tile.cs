using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Copies one after another, so many along each axis; the shorter of shape and repeats is filled with 1 in front.</summary>
[OpsetLayer("Tile")]
internal sealed class Tile : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] repeats = layer.ConstantInts(1);
        int added = repeats.Length - x.Rank;
        if (added > 0)
            x = graph.Unsqueeze(x, Enumerable.Range(0, added).Select(static axis => (long)axis));
        return [graph.Tile(x, [.. Enumerable.Repeat(1L, Math.Max(0, -added)), .. repeats])];
    }
}
