using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>A slice along one axis whose bounds stand in vectors that may be computed.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Begin">The place of the first index in the vector of begins; null where the slice starts at the end it walks from.</param>
/// <param name="End">The place of the index after the last in the vector of ends; null where the slice goes as far as it can.</param>
/// <param name="Step">The step, not 0.</param>
internal sealed record SlicedAxis(int Axis, int? Begin, int? End, long Step)
{
    /// <summary>The slices of a tensor along some of its axes.</summary>
    public static Value Slice(GraphBuilder graph, Value x, IReadOnlyList<SlicedAxis> axes, Value begins, Value ends)
    {
        SlicedAxis[] cut = [.. axes.Where(static a => a is not { Begin: null, End: null, Step: 1 })];
        AxisSlice[] slices = [.. x.Shape.Select(AxisSlice.Whole)];
        bool known = true;
        foreach (SlicedAxis axis in cut)
        {
            slices[axis.Axis] = axis.Settle(x.Shape[axis.Axis], begins, ends) ?? AxisSlice.Whole(Shapes.Unknown);
            known &= slices[axis.Axis].Count >= 0;
        }

        if (known)
            return graph.Slice(x, slices);
        return graph.Slice(
            x,
            graph.Concat([.. cut.Select(a => Bound(graph, begins, a.Begin, a.Step > 0 ? 0 : long.MaxValue))], 0),
            graph.Concat([.. cut.Select(a => Bound(graph, ends, a.End, a.Step > 0 ? long.MaxValue : long.MinValue))], 0),
            graph.Ints([.. cut.Select(static a => (long)a.Axis)]),
            graph.Ints([.. cut.Select(static a => a.Step)]),
            [.. slices.Select(static s => s.Count)]);
    }

    private static Value Bound(GraphBuilder graph, Value bounds, int? place, long open) =>
        place is { } at ? graph.Slice(graph.Cast(bounds, TensorElementType.Int64), [new AxisSlice(at, 1, 1)]) : graph.Ints(open);

    private static void Require(Value bounds, int? place)
    {
        if (place is { } at && (bounds.Rank != 1 || bounds.Shape[0] < at + 1))
            throw new LayerException($"bounds of shape {Shapes.Describe(bounds.Shape)} are too few");
    }

    /// <summary>The slice of an axis of this size; null where it is known only at run time.</summary>
    private AxisSlice? Settle(long size, Value begins, Value ends)
    {
        if (Step == 0)
            throw new LayerException("a slice's step is 0");
        Require(begins, Begin);
        Require(ends, End);
        bool known = size >= 0 && (Begin is null || begins.Constant is not null) && (End is null || ends.Constant is not null);
        return known ? AxisSlice.Of(size, At(begins, Begin), At(ends, End), Step) : null;
    }

    private static long? At(Value bounds, int? place) => place is { } at ? bounds.Constant!.ToInts()[at] : null;
}
