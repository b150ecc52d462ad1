using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>
/// A window of the declared output's size, which is what dim, crop_end or the second input said when the file was made.
/// It starts at offset, or at crop_begin, along the axes named.
/// </summary>
[LegacyLayer("Crop")]
internal sealed class Crop : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] sizes = layer.DeclaredShape();
        long[] axes = layer.Ints("axis");
        long[] offsets = layer.Ints(layer.Has("offset") ? "offset" : "crop_begin");
        if (offsets.Length != axes.Length || sizes.Length != x.Rank || !x.IsStatic)
            throw new LayerException($"offsets {string.Join(',', offsets)} along axes {string.Join(',', axes)} do not fit {Shapes.Describe(x.Shape)}");

        var slices = sizes.Select(static size => new AxisSlice(0, 1, size)).ToArray();
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = Shapes.Axis(axes[i], x.Rank);
            slices[axis] = slices[axis] with { First = offsets[i] };
        }

        for (int i = 0; i < slices.Length; i++)
        {
            if (slices[i].First < 0 || slices[i].Count < 0 || slices[i].Count > x.Shape[i] - slices[i].First)
                throw new LayerException($"a window of {Shapes.Describe(sizes)} from {slices[i].First} on axis {i} is not inside {Shapes.Describe(x.Shape)}");
        }

        return [graph.Slice(x, slices)];
    }
}
