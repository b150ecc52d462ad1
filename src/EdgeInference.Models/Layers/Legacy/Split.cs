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
        if (layer.Outputs.FirstOrDefault(output => output.Shape.Length != x.Rank) is { } odd)
            throw new LayerException($"a part {Shapes.Describe(odd.Shape)} of {Shapes.Describe(x.Shape)} is not possible");
        return graph.Split(x, axis, [.. layer.Outputs.Select(output => output.Shape[axis])]);
    }
}
