using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>Reading and writing at indices, whole numbers of any type, which may count from the end.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>Parts of a tensor along one axis: the indices' shape takes the axis's place.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="indices">The indices.</param>
    /// <param name="axis">The axis that they are for.</param>
    /// <param name="batchAxes">How many first axes the two share.</param>
    public Value Gather(Value x, Value indices, long axis, long batchAxes = 0)
    {
        int along = Shapes.Axis(axis, x.Rank);
        if (batchAxes != 0)
            return GatherInBatches(x, indices, along, batchAxes);
        long[] shape = [.. x.Shape.Take(along), .. indices.Shape, .. x.Shape.Skip(along + 1)];
        if (x.Constant is { } source && indices.Constant is { } picked)
            return Constant(Taken(source, shape, BlockOffsets.AlongAxis(source.Shape, along, picked.ToInts()), Shapes.Count(source.Shape[(along + 1)..])));
        RequireInside(indices, x.Shape[along]);
        return Add("Gather", [x, Indices(indices)], x.ElementType, shape, ("axis", (long)along));
    }

    /// <summary>One element for each index, at the index's own place but along <paramref name="axis"/>.</summary>
    public Value GatherElements(Value x, Value indices, long axis)
    {
        int along = Shapes.Axis(axis, x.Rank);
        RequireSameButAlong(x, indices, along);
        long[] shape = [.. indices.Shape];
        return x.Constant is { } source && indices.Constant is { } picked
            ? Constant(Taken(source, shape, BlockOffsets.Elements(source.Shape, along, shape, picked.ToInts()), 1))
            : Add("GatherElements", [x, Indices(indices)], x.ElementType, shape, ("axis", (long)along));
    }

    /// <param name="x">[batch…, indexed…, block…].</param>
    /// <param name="indices">[batch…, tuples…, number of indexed axes].</param>
    /// <param name="batchAxes">How many first axes the two share.</param>
    /// <returns>[batch…, tuples…, block…].</returns>
    public Value GatherND(Value x, Value indices, long batchAxes = 0)
    {
        int batches = RequireTuples(x, indices, batchAxes);
        int indexed = batches + (int)indices.Shape[^1];
        if (!Shapes.Agree([.. x.Shape.Take(batches)], [.. indices.Shape.Take(batches)]))
            throw new LayerException($"{Shapes.Describe(x.Shape)} and indices {Shapes.Describe(indices.Shape)} do not share {batches} axes");
        long[] shape = [.. indices.Shape.SkipLast(1), .. x.Shape.Skip(indexed)];
        return x.Constant is { } source && indices.Constant is { } picked
            ? Constant(Taken(source, shape, BlockOffsets.Tuples(source.Shape, picked.Shape, picked.ToInts(), batches), Shapes.Count(source.Shape[indexed..])))
            : Add("GatherND", [x, Cast(indices, TensorElementType.Int64)], x.ElementType, shape, ("batch_dims", (long)batches));
    }

    /// <summary>Replaces one element for each index, at the index's own place but along <paramref name="axis"/>.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="indices">The places.</param>
    /// <param name="updates">The elements, in the indices' shape.</param>
    /// <param name="axis">The axis that the indices are for.</param>
    /// <param name="reduction">ONNX's: none, add or mul with what is there.</param>
    public Value ScatterElements(Value x, Value indices, Value updates, long axis, string reduction = "none")
    {
        int along = Shapes.Axis(axis, x.Rank);
        RequireSameButAlong(x, indices, along);
        RequireUpdates(x, updates, [.. indices.Shape]);
        return reduction is "none" && x.Constant is { } target && indices.Constant is { } picked && updates.Constant is { } source
            ? Constant(Put(target, BlockOffsets.Elements(target.Shape, along, picked.Shape, picked.ToInts()), source, 1))
            : Add("ScatterElements", [x, Indices(indices), updates], x.ElementType, [.. x.Shape], ("axis", (long)along), ("reduction", reduction));
    }

    /// <param name="x">[indexed…, block…].</param>
    /// <param name="indices">[tuples…, number of indexed axes].</param>
    /// <param name="updates">[tuples…, block…].</param>
    /// <param name="reduction">ONNX's: none, add or mul with what is there.</param>
    public Value ScatterND(Value x, Value indices, Value updates, string reduction = "none")
    {
        RequireTuples(x, indices, batchAxes: 0);
        int indexed = (int)indices.Shape[^1];
        RequireUpdates(x, updates, [.. indices.Shape.SkipLast(1), .. x.Shape.Skip(indexed)]);
        return reduction is "none" && x.Constant is { } target && indices.Constant is { } picked && updates.Constant is { } source
            ? Constant(Put(target, BlockOffsets.Tuples(target.Shape, picked.Shape, picked.ToInts(), 0), source, Shapes.Count(target.Shape[indexed..])))
            : Add("ScatterND", [x, Cast(indices, TensorElementType.Int64), updates], x.ElementType, [.. x.Shape], ("reduction", reduction));
    }

    /// <summary>The axis is brought behind the shared ones, read from by index, and what was between them brought back to its place.</summary>
    private Value GatherInBatches(Value x, Value indices, int axis, long batchAxes)
    {
        if (batchAxes < 0 || batchAxes > axis || batchAxes > indices.Rank)
            throw new LayerException($"{batchAxes} axes cannot be shared by {Shapes.Describe(x.Shape)} and indices {Shapes.Describe(indices.Shape)} for axis {axis}");
        int shared = (int)batchAxes;
        int between = axis - shared;
        IEnumerable<long> axes = Enumerable.Range(0, x.Rank).Select(static i => (long)i);
        Value gathered = GatherND(
            Transpose(x, [.. axes.OrderBy(i => i < shared ? 0 : i == axis ? 1 : 2)]),
            Unsqueeze(indices, [-1]),
            batchAxes);
        axes = Enumerable.Range(0, gathered.Rank).Select(static i => (long)i);
        return Transpose(gathered, [.. axes.OrderBy(i => i < shared ? 0 : i >= indices.Rank && i < indices.Rank + between ? 1 : i < indices.Rank ? 2 : 3)]);
    }

    private Value Indices(Value indices) =>
        indices.ElementType is TensorElementType.Int32 ? indices : Cast(indices, TensorElementType.Int64);

    private static void RequireInside(Value indices, long size)
    {
        foreach (long index in size >= 0 ? indices.Constant?.ToInts() ?? [] : [])
            BlockOffsets.Place(index, size);
    }

    private static void RequireSameButAlong(Value x, Value indices, int axis)
    {
        if (x.Rank != indices.Rank)
            throw new LayerException($"indices {Shapes.Describe(indices.Shape)} do not fit {Shapes.Describe(x.Shape)}");
        for (int i = 0; i < x.Rank; i++)
        {
            if (i != axis && x.Shape[i] >= 0 && indices.Shape[i] > x.Shape[i])
                throw new LayerException($"indices {Shapes.Describe(indices.Shape)} do not fit {Shapes.Describe(x.Shape)}");
        }
    }

    private static int RequireTuples(Value x, Value indices, long batchAxes)
    {
        if (batchAxes < 0
            || indices.Rank < 1
            || batchAxes >= indices.Rank
            || batchAxes >= x.Rank
            || indices.Shape[^1] < 1
            || indices.Shape[^1] > x.Rank - batchAxes)
        {
            throw new LayerException($"indices {Shapes.Describe(indices.Shape)} after {batchAxes} shared axes do not fit {Shapes.Describe(x.Shape)}");
        }

        return (int)batchAxes;
    }

    private static void RequireUpdates(Value x, Value updates, long[] shape)
    {
        if (x.ElementType != updates.ElementType)
            throw new LayerException($"the updates are of {updates.ElementType}, the data of {x.ElementType}");
        if (!Shapes.Agree(updates.Shape, shape))
            throw new LayerException($"the updates are {Shapes.Describe(updates.Shape)}, not {Shapes.Describe(shape)}");
    }

    private Constant Taken(Constant source, long[] shape, IEnumerable<long> offsets, long block)
    {
        byte[] bytes = Allocate(source.ElementType, shape);
        int length = checked((int)(block * source.ElementType.Size()));
        int at = 0;
        foreach (long offset in offsets)
        {
            source.Data.Slice((int)(offset * source.ElementType.Size()), length).Span.CopyTo(bytes.AsSpan(at));
            at += length;
        }

        return new Constant(source.ElementType, shape, bytes);
    }

    private Constant Put(Constant target, IEnumerable<long> offsets, Constant source, long block)
    {
        byte[] bytes = Allocate(target.ElementType, target.Shape);
        target.Data.Span.CopyTo(bytes);
        int length = checked((int)(block * target.ElementType.Size()));
        int at = 0;
        foreach (long offset in offsets)
        {
            source.Data.Span.Slice(at, length).CopyTo(bytes.AsSpan((int)(offset * target.ElementType.Size())));
            at += length;
        }

        return new Constant(target.ElementType, target.Shape, bytes);
    }
}
