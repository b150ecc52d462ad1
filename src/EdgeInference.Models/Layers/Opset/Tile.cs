using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Copies one after another, so many along each axis; the shorter of shape and repeats is filled with 1 in front.</summary>
[OpsetLayer("Tile")]
internal sealed class Tile : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value repeats = layer.Input(1);
        if (repeats.Rank != 1 || repeats.Shape[0] < 0)
            throw new LayerException("the number of repeats is not known when the model is loaded");
        long added = repeats.Shape[0] - x.Rank;
        if (added > 0)
            x = graph.Unsqueeze(x, Shapes.AxesFrom(0, (int)Math.Min(added, Shapes.HighestRank + 1)));
        if (added < 0)
            repeats = graph.Concat([graph.Expand(graph.Ints(1), [-added]), graph.Cast(repeats, TensorElementType.Int64)], 0);
        return [graph.Tile(x, repeats)];
    }
}
