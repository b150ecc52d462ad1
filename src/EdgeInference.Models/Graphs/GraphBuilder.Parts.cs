namespace EdgeInference.Models.Graphs;

/// <summary>Joining tensors and taking them apart.</summary>
internal sealed partial class GraphBuilder
{
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

    /// <summary>Consecutive parts along one axis, of sizes that together are the axis's.</summary>
    public IReadOnlyList<Value> Split(Value x, long axis, IReadOnlyList<long> sizes)
    {
        int along = Shapes.Axis(axis, x.Rank);
        if (sizes.Count == 0 || sizes.Any(static size => size < 0) || (x.Shape[along] >= 0 && sizes.Sum() != x.Shape[along]))
            throw new LayerException($"axis {along} of {Shapes.Describe(x.Shape)} cannot be split into {string.Join(',', sizes)}");
        if (sizes.Count == 1)
            return [x];
        if (x.Constant is { } constant)
        {
            long[] strides = BroadcastIndex.Strides(constant.Shape);
            long begin = 0;
            return [.. sizes.Select(size => Constant(Gathered(constant, Part(size), strides, ((begin += size) - size) * strides[along])))];
        }

        Value[] parts = [.. sizes.Select(size => new Value(LayerName, x.ElementType, Part(size)))];
        Add(new Node("Split", [x, Ints([.. sizes])], parts, [("axis", (long)along)]));
        return parts;

        long[] Part(long size)
        {
            long[] shape = [.. x.Shape];
            shape[along] = size;
            return shape;
        }
    }

    /// <summary>A selection along each axis.</summary>
    public Value Slice(Value x, IReadOnlyList<AxisSlice> slices)
    {
        long[] shape = [.. slices.Select(static s => s.Count)];
        if (x.Constant is { } constant)
        {
            long[] strides = BroadcastIndex.Strides(constant.Shape);
            long offset = slices.Select((s, axis) => s.First * strides[axis]).Sum();
            return Constant(Gathered(constant, shape, [.. slices.Select((s, axis) => s.Step * strides[axis])], offset));
        }

        long[] cut = [.. Enumerable.Range(0, slices.Count).Where(axis => slices[axis] != AxisSlice.Whole(x.Shape[axis])).Select(static axis => (long)axis)];
        return cut.Length == 0
            ? x
            : Slice(x, Bounds(static s => s.First), Bounds(static s => s.End), Ints(cut), Bounds(static s => s.Step), shape);

        Value Bounds(Func<AxisSlice, long> bound) => Ints([.. cut.Select(axis => bound(slices[(int)axis]))]);
    }

    /// <summary>NumPy's slicing by vectors that may be known only at run time, all Int64 and of one length.</summary>
    public Value Slice(Value x, Value begins, Value ends, Value axes, Value steps, long[] shape) =>
        Add("Slice", [x, begins, ends, axes, steps], x.ElementType, shape);

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
