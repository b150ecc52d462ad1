using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Shifts axes round; an axis named twice is shifted twice, one shift may serve all axes.</summary>
[OpsetLayer("Roll")]
internal sealed class Roll : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        long[] shifts = layer.ConstantInts(1);
        long[] axes = layer.ConstantInts(2);
        if (shifts.Length != axes.Length && shifts.Length != 1)
            throw new LayerException($"{shifts.Length} shifts do not fit {axes.Length} axes");
        Value x = layer.Input(0);
        for (int i = 0; i < axes.Length; i++)
            x = graph.Roll(x, Shapes.Axis(axes[i], x.Rank), shifts[shifts.Length == 1 ? 0 : i]);
        return [x];
    }
}
