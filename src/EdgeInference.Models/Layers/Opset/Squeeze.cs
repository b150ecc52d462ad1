using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Without axes all of size 1 are dropped; opset 15 can skip given ones of another size.</summary>
[OpsetLayer("Squeeze")]
internal sealed class Squeeze : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] axes = layer.Inputs.Count > 1 ? layer.ConstantInts(1) : [];
        bool skip = layer.Flag("allow_axis_skip", false);
        if ((axes.Length == 0 || skip) && !x.IsStatic)
            throw new LayerException($"which of the sizes {Shapes.Describe(x.Shape)} are 1 is not known when the model is loaded");
        long[] dropped = skip ? [.. axes.Where(axis => x.Shape[Shapes.Axis(axis, x.Rank)] == 1)] : axes;
        return [axes.Length > 0 && dropped.Length == 0 ? x : graph.Squeeze(x, dropped)];
    }
}
