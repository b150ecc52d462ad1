using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <param name="x">The tensor.</param>
    /// <param name="shape">Its new shape.</param>
    /// <param name="pattern">
    /// The same for the engine, where 0 keeps the input's size and -1 is what is left; needed only where more than one size
    /// is unknown.
    /// </param>
    public Value Reshape(Value x, long[] shape, long[]? pattern = null)
    {
        int unknown = shape.Count(static d => d < 0);
        if (unknown > 1 && pattern is null)
            throw new LayerException($"more than one size of the new shape {Shapes.Describe(shape)} is unknown");
        if (x.IsStatic)
        {
            long count = Shapes.Count(x.Shape);
            long known = Shapes.Count([.. shape.Where(static d => d >= 0)]);
            if (unknown == 1 && known > 0 && count % known == 0)
                shape = [.. shape.Select(d => d < 0 ? count / known : d)];
            else if (unknown == 1 || known != count)
                throw new LayerException($"shape {Shapes.Describe(x.Shape)} cannot become {Shapes.Describe(shape)}");
        }

        if (x.Constant is { } constant)
            return Constant(constant.WithShape(shape));
        if (unknown > 1)
            return Add("Reshape", [x, Ints(pattern!)], x.ElementType, shape);
        return x.IsStatic && shape.SequenceEqual(x.Shape)
            ? x
            : Add("Reshape", [x, Ints(shape)], x.ElementType, shape, ("allowzero", shape.Contains(0) ? 1L : 0L));
    }

    public Value Transpose(Value x, long[] order)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, x.Rank).Select(static i => (long)i)))
            throw new LayerException($"order {Shapes.Describe(order)} is not a permutation of {x.Rank} axes");
        long[] shape = [.. order.Select(axis => x.Shape[(int)axis])];
        if (x.Constant is not { } constant)
            return Add("Transpose", [x], x.ElementType, shape, ("perm", order));

        long[] strides = BroadcastIndex.Strides(constant.Shape);
        return Gathered(constant, shape, [.. order.Select(axis => strides[axis])], 0);
    }

    public Value Concat(IReadOnlyList<Value> parts, long axis)
    {
        Value first = parts[0];
        int along = Shapes.Axis(axis, first.Rank);
        long[] shape = [.. first.Shape];
        foreach (Value part in parts.Skip(1))
        {
            if (part.ElementType != first.ElementType)
                throw new LayerException($"inputs are of {first.ElementType} and {part.ElementType}");
            if (part.Rank != first.Rank)
                throw new LayerException($"shapes {Shapes.Describe(first.Shape)} and {Shapes.Describe(part.Shape)} cannot be joined");
            for (int i = 0; i < shape.Length; i++)
            {
                if (i == along)
                    shape[i] = shape[i] < 0 || part.Shape[i] < 0 ? Shapes.Unknown : checked(shape[i] + part.Shape[i]);
                else if (shape[i] >= 0 && part.Shape[i] >= 0 && shape[i] != part.Shape[i])
                    throw new LayerException($"shapes {Shapes.Describe(first.Shape)} and {Shapes.Describe(part.Shape)} cannot be joined along axis {along}");
                else
                    shape[i] = Math.Max(shape[i], part.Shape[i]);
            }
        }

        if (parts.Count == 1)
            return first;
        return parts.All(static p => p.Constant is not null)
            ? Constant(Joined([.. parts.Select(static p => p.Constant!)], along, shape))
            : Add("Concat", parts, first.ElementType, shape, ("axis", (long)along));
    }

    /// <summary>The shape of a value as a tensor: a constant where it is static.</summary>
    public Value ShapeOf(Value x, TensorElementType elementType) =>
        Cast(x.IsStatic ? Ints([.. x.Shape]) : Add("Shape", [x], TensorElementType.Int64, [x.Rank]), elementType);

    public Value Unsqueeze(Value x, IEnumerable<long> axes)
    {
        long[] given = [.. axes];
        int[] added = [.. given.Select(axis => Shapes.Axis(axis, x.Rank + given.Length)).Distinct().Order()];
        var shape = x.Shape.ToList();
        foreach (int axis in added)
            shape.Insert(axis, 1);
        return shape.Count(static d => d < 0) > 1
            ? Add("Unsqueeze", [x, Ints(Array.ConvertAll(added, static a => (long)a))], x.ElementType, [.. shape])
            : Reshape(x, [.. shape]);
    }

    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes of size 1 to drop; all of them when there are none.</param>
    public Value Squeeze(Value x, IEnumerable<long> axes)
    {
        int[] dropped = [.. axes.Select(axis => Shapes.Axis(axis, x.Rank)).Distinct()];
        if (dropped.Length == 0)
            dropped = [.. Enumerable.Range(0, x.Rank).Where(axis => x.Shape[axis] == 1)];
        if (dropped.Any(axis => x.Shape[axis] > 1))
            throw new LayerException($"axes {string.Join(',', dropped)} of {Shapes.Describe(x.Shape)} are not all of size 1");
        long[] shape = [.. x.Shape.Where((_, axis) => !dropped.Contains(axis))];
        return shape.Count(static d => d < 0) > 1
            ? Add("Squeeze", [x, Ints(Array.ConvertAll(dropped, static a => (long)a))], x.ElementType, shape)
            : Reshape(x, shape);
    }

    /// <summary>Elements first, first + step, … (count of them) along each axis of a tensor whose sizes are known.</summary>
    public Value Slice(Value x, IReadOnlyList<AxisSlice> slices)
    {
        long[] shape = [.. slices.Select(static s => s.Count)];
        if (x.Constant is { } constant)
        {
            long[] strides = BroadcastIndex.Strides(constant.Shape);
            long offset = slices.Select((s, axis) => s.First * strides[axis]).Sum();
            return Gathered(constant, shape, [.. slices.Select((s, axis) => s.Step * strides[axis])], offset);
        }

        if (slices.Select((s, axis) => s.First == 0 && s.Step == 1 && s.Count == x.Shape[axis]).All(static whole => whole))
            return x;
        Value starts = Ints([.. slices.Select(static s => s.First)]);
        Value ends = Ints([.. slices.Select(static s => s.End)]);
        Value axes = Ints([.. Enumerable.Range(0, slices.Count).Select(static i => (long)i)]);
        Value steps = Ints([.. slices.Select(static s => s.Step)]);
        return Add("Slice", [x, starts, ends, axes, steps], x.ElementType, shape);
    }

    private Value Gathered(Constant constant, long[] shape, long[] strides, long offset)
    {
        int size = constant.ElementType.Size();
        byte[] bytes = Allocate(constant.ElementType, shape);
        ReadOnlySpan<byte> source = constant.Data.Span;
        var index = new BroadcastIndex(shape, strides, offset);
        for (int at = 0; at < bytes.Length; at += size)
            source.Slice(index.Next() * size, size).CopyTo(bytes.AsSpan(at));
        return Constant(new Constant(constant.ElementType, shape, bytes));
    }

    private Constant Joined(Constant[] parts, int axis, long[] shape)
    {
        byte[] bytes = Allocate(parts[0].ElementType, shape);
        long rows = Shapes.Count(shape[..axis]);
        int at = 0;
        for (int row = 0; row < rows; row++)
        {
            foreach (Constant part in parts)
            {
                int length = part.Data.Length / (int)rows;
                part.Data.Span.Slice(row * length, length).CopyTo(bytes.AsSpan(at));
                at += length;
            }
        }

        return new Constant(parts[0].ElementType, shape, bytes);
    }
}
