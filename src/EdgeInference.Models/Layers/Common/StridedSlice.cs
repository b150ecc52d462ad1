using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// NumPy's slicing. In opset layers a 1 in begin_mask or end_mask means that the bound is not given, in legacy layers that
/// it is; new_axis_mask inserts an axis, shrink_axis_mask takes one element and drops its axis, ellipsis_mask stands for as
/// many whole axes as are left.
/// </summary>
[OpsetLayer("StridedSlice")]
[LegacyLayer("StridedSlice")]
internal sealed class StridedSlice : Layer
{
    private const int MostPlaces = 32;

    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value x, Value begins, Value ends) = (layer.Input(0), layer.Input(1), layer.Input(2));
        if (begins.Rank != 1 || begins.Shape[0] is < 0 or > MostPlaces || !Shapes.Agree(begins.Shape, ends.Shape))
            throw new LayerException($"bounds {Shapes.Describe(begins.Shape)} and {Shapes.Describe(ends.Shape)} are not vectors of one length");
        int length = (int)begins.Shape[0];
        long[] steps = layer.Inputs.Count > 3 ? layer.ConstantInts(3) : [.. Enumerable.Repeat(1L, length)];
        bool legacy = layer.IrVersion < 10;
        bool[] openBegin = Mask(layer, "begin_mask", length, !legacy);
        bool[] openEnd = Mask(layer, "end_mask", length, !legacy);
        bool[] newAxis = Mask(layer, "new_axis_mask", length);
        bool[] shrink = Mask(layer, "shrink_axis_mask", length);
        bool[] ellipsis = Mask(layer, "ellipsis_mask", length);
        int sliced = Enumerable.Range(0, length).Count(i => !newAxis[i] && !ellipsis[i]);
        if (sliced > x.Rank || ellipsis.Count(static e => e) > 1 || steps.Length != length)
            throw new LayerException($"{sliced} slices and {steps.Length} steps do not fit {Shapes.Describe(x.Shape)}");

        var slices = new List<SlicedAxis>();
        var dropped = new List<(int Axis, int Place)>();
        var added = new List<long>();
        int axis = 0;
        for (int place = 0; place < length; place++)
        {
            if (ellipsis[place])
                axis += x.Rank - sliced;
            else if (newAxis[place])
                added.Add(axis - dropped.Count + added.Count);
            else if (shrink[place])
                dropped.Add((axis++, place));
            else
                slices.Add(new SlicedAxis(axis++, openBegin[place] ? null : place, openEnd[place] ? null : place, steps[place]));
        }

        Value result = SlicedAxis.Slice(graph, x, slices, begins, ends);
        foreach ((int Axis, int Place) one in Enumerable.Reverse(dropped))
            result = graph.Gather(result, graph.Gather(begins, graph.Int(one.Place), 0), one.Axis);
        return [graph.Unsqueeze(result, added)];
    }

    /// <summary>For each place whether the mask says the special thing: 1, or for the bounds of legacy layers 0.</summary>
    private static bool[] Mask(LayerSource layer, string attribute, int length, bool special = true)
    {
        long[] given = layer.Ints(attribute, []);
        return [.. Enumerable.Range(0, length).Select(i => i < given.Length && given[i] != 0 == special)];
    }
}
