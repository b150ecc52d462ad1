using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Parts of given sizes, of which one may be -1: what is left.</summary>
[OpsetLayer("VariadicSplit")]
internal sealed class VariadicSplit : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        int axis = Shapes.Axis(layer.ConstantInt(1), x.Rank);
        long[] sizes = layer.ConstantInts(2);
        if (sizes.Length != layer.Outputs.Count || sizes.Count(static size => size == -1) > 1 || sizes.Any(static size => size < -1))
            throw new LayerException($"sizes {string.Join(',', sizes.Take(Shapes.HighestRank))} of {layer.Outputs.Count} parts are not possible");
        if (Array.IndexOf(sizes, -1) is >= 0 and var open)
        {
            if (x.Shape[axis] < 0)
                throw new LayerException($"the size of axis {axis}, of which a part is what is left, is not known when the model is loaded");
            sizes[open] = checked(x.Shape[axis] - sizes.Where((_, i) => i != open).Sum());
        }

        return graph.Split(x, axis, sizes);
    }
}
