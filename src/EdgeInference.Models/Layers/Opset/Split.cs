using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Parts of equal size.</summary>
[OpsetLayer("Split")]
internal sealed class Split : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        int axis = Shapes.Axis(layer.ConstantInt(1), x.Rank);
        long count = layer.Int("num_splits");
        long size = x.Shape[axis];
        if (size < 0)
            throw new LayerException($"the size of axis {axis}, which is to be split evenly, is not known when the model is loaded");
        if (count < 1 || count > layer.Outputs.Count || size % count != 0)
            throw new LayerException($"axis {axis} of {Shapes.Describe(x.Shape)} cannot be split into {count} equal parts");
        return graph.Split(x, axis, [.. Enumerable.Repeat(size / count, (int)count)]);
    }
}
