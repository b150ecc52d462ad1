using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>In the new shape -1 is what is left, and with special_zero 0 keeps the input's size at that place.</summary>
[OpsetLayer("Reshape")]
internal sealed class Reshape : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        if (layer.Input(1).Constant is null)
            return [graph.Reshape(x, layer.Input(1), keepZeros: layer.Flag("special_zero", false))];
        long[] pattern = layer.ConstantInts(1);
        if (!layer.Flag("special_zero", false))
            return [graph.Reshape(x, pattern)];
        if (pattern.Skip(x.Rank).Contains(0))
            throw new LayerException($"the new shape {Shapes.Describe(pattern)} keeps a size that {Shapes.Describe(x.Shape)} does not have");
        return [graph.Reshape(x, [.. pattern.Select((size, i) => size == 0 ? x.Shape[i] : size)], pattern)];
    }
}
