using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>NumPy's slicing: the inputs are the tensor, begins, ends, steps, and the axes that they are for (the first ones).</summary>
[OpsetLayer("Slice")]
internal sealed class Slice : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] steps = layer.ConstantInts(3);
        int[] axes = layer.Inputs.Count > 4
            ? [.. layer.ConstantInts(4).Select(axis => Shapes.Axis(axis, x.Rank))]
            : [.. Enumerable.Range(0, steps.Length)];
        if (axes.Length != steps.Length || axes.Distinct().Count() != axes.Length || axes.Length > x.Rank)
            throw new LayerException($"{steps.Length} slices along axes {string.Join(',', axes)} do not fit {Shapes.Describe(x.Shape)}");
        return [SlicedAxis.Slice(graph, x, [.. axes.Select((axis, i) => new SlicedAxis(axis, i, i, steps[i]))], layer.Input(1), layer.Input(2))];
    }
}
