using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Mean and variance are those of a group of channels; then a factor (input 1) and a term (input 2) for each channel.</summary>
[OpsetLayer("GroupNormalization")]
internal sealed class GroupNormalization : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long groups = layer.Int("num_groups");
        if (x.Rank < 2 || x.Shape.Skip(1).Any(static size => size < 1))
            throw new LayerException($"an input of shape {Shapes.Describe(x.Shape)} is not supported");
        if (groups < 1 || x.Shape[1] % groups != 0)
            throw new LayerException($"{x.Shape[1]} channels cannot be divided into {groups} groups");

        long perGroup = Shapes.Count([.. x.Shape.Skip(1)]) / groups;
        Value standardized = graph.Standardize(graph.Reshape(x, [x.Shape[0], groups, perGroup, 1]), [2, 3], layer.Float("epsilon"));
        Value scaled = graph.Multiply(graph.Reshape(standardized, [.. x.Shape]), graph.PerChannel(layer.Input(1), x.Rank));
        return [graph.Add(scaled, graph.PerChannel(layer.Input(2), x.Rank))];
    }
}
