using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Deals the groups of an axis out in turn: the first of each, then the second of each, and so on.</summary>
[OpsetLayer("ShuffleChannels")]
[LegacyLayer("ShuffleChannels")]
internal sealed class ShuffleChannels : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        int axis = Shapes.Axis(layer.Int("axis", 1), x.Rank);
        long groups = layer.Int("group", 1);
        long[] split = [.. x.Shape.Take(axis), groups, Shapes.Divide(x.Shape[axis], groups), .. x.Shape.Skip(axis + 1)];
        long[] order = [.. Enumerable.Range(0, split.Length).Select(static i => (long)i)];
        (order[axis], order[axis + 1]) = (order[axis + 1], order[axis]);
        return [graph.Rearrange(x, split, order, [.. x.Shape])];
    }
}
