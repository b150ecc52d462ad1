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
        AxisSlice[] whole = [.. x.Shape.Select(AxisSlice.Whole)];
        SlicedAxis[] cut = [.. axes.Where(static a => a is not { Begin: null, End: null, Step: 1 })];
        if (cut.All(a => x.Shape[a.Axis] >= 0 && a.IsKnown(begins, ends)))
        {
            foreach (SlicedAxis axis in cut)
                whole[axis.Axis] = AxisSlice.Of(x.Shape[axis.Axis], At(begins, axis.Begin), At(ends, axis.End), axis.Step);
            return graph.Slice(x, whole);
        }

        long[] shape = [.. x.Shape];
        foreach (SlicedAxis axis in cut)
            shape[axis.Axis] = Shapes.Unknown;
        return graph.Slice(
            x,
            graph.Concat([.. cut.Select(a => Bound(graph, begins, a.Begin, a.Step > 0 ? 0 : long.MaxValue))], 0),
            graph.Concat([.. cut.Select(a => Bound(graph, ends, a.End, a.Step > 0 ? long.MaxValue : long.MinValue))], 0),
            graph.Ints([.. cut.Select(static a => (long)a.Axis)]),
            graph.Ints([.. cut.Select(static a => a.Step)]),
            shape);
    }

    private static long? At(Value bounds, int? place) => place is { } at ? bounds.Constant!.ToInts()[at] : null;

    private static Value Bound(GraphBuilder graph, Value bounds, int? place, long open) =>
        place is { } at ? graph.Slice(graph.Cast(bounds, TensorElementType.Int64), [new AxisSlice(at, 1, 1)]) : graph.Ints(open);

    private bool IsKnown(Value begins, Value ends) =>
        (Begin is null || begins.Constant is not null) && (End is null || ends.Constant is not null);
}
