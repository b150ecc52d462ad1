using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// NumPy's slicing. A 1 in begin_mask or end_mask means that the bound is not given; new_axis_mask inserts an axis,
/// shrink_axis_mask takes one element and drops its axis, ellipsis_mask stands for as many whole axes as are left.
/// </summary>
[OpsetLayer("StridedSlice")]
internal sealed class StridedSlice : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        if (!x.IsStatic)
            throw new LayerException("slicing a tensor whose sizes are not known at load is not supported");
        long[] begin = layer.ConstantInts(1);
        long[] end = layer.ConstantInts(2);
        long[] step = layer.Inputs.Count > 3 ? layer.ConstantInts(3) : [.. begin.Select(static _ => 1L)];
        if (end.Length != begin.Length || step.Length != begin.Length)
            throw new LayerException($"begin, end and step have {begin.Length}, {end.Length} and {step.Length} numbers");

        bool[] newAxis = Mask(layer, "new_axis_mask", begin.Length);
        bool[] ellipsis = Mask(layer, "ellipsis_mask", begin.Length);
        bool[] shrink = Mask(layer, "shrink_axis_mask", begin.Length);
        bool[] openBegin = Mask(layer, "begin_mask", begin.Length);
        bool[] openEnd = Mask(layer, "end_mask", begin.Length);
        int sliced = Enumerable.Range(0, begin.Length).Count(i => !newAxis[i] && !ellipsis[i]);
        if (sliced > x.Rank || ellipsis.Count(static e => e) > 1)
            throw new LayerException($"{sliced} slices do not fit {Shapes.Describe(x.Shape)}");

        var slices = new List<AxisSlice>();
        var shape = new List<long>();
        for (int i = 0; i < begin.Length; i++)
        {
            if (ellipsis[i])
            {
                for (int whole = x.Rank - sliced; whole > 0; whole--)
                    KeepAxis();
            }
            else if (newAxis[i])
            {
                shape.Add(1);
            }
            else if (shrink[i])
            {
                slices.Add(new AxisSlice(Shapes.Axis(begin[i], checked((int)x.Shape[slices.Count])), 1, 1));
            }
            else
            {
                slices.Add(AxisSlice.Of(x.Shape[slices.Count], openBegin[i] ? null : begin[i], openEnd[i] ? null : end[i], step[i]));
                shape.Add(slices[^1].Count);
            }
        }

        while (slices.Count < x.Rank)
            KeepAxis();
        return [graph.Reshape(graph.Slice(x, slices), [.. shape])];

        void KeepAxis()
        {
            shape.Add(x.Shape[slices.Count]);
            slices.Add(new AxisSlice(0, 1, shape[^1]));
        }
    }

    private static bool[] Mask(LayerSource layer, string attribute, int length)
    {
        var mask = new bool[length];
        long[] given = layer.Ints(attribute, []);
        for (int i = 0; i < Math.Min(length, given.Length); i++)
            mask[i] = given[i] != 0;
        return mask;
    }
}
