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

    /// <summary>The same with a shape that is known only at run time.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="shape">Its new shape, where -1 is what is left.</param>
    /// <param name="keepZeros">Whether 0 keeps the input's size.</param>
    public Value Reshape(Value x, Value shape, bool keepZeros)
    {
        long[] sizes = SizesOf(shape);
        if (keepZeros)
            sizes = [.. sizes.Select((size, axis) => size == 0 && axis < x.Rank ? x.Shape[axis] : size)];
        return sizes.Count(static size => size < 0) <= 1
            ? Reshape(x, sizes)
            : Add("Reshape", [x, Cast(shape, TensorElementType.Int64)], x.ElementType, sizes, ("allowzero", keepZeros ? 0L : 1L));
    }

    public Value Transpose(Value x, long[] order)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, x.Rank).Select(static i => (long)i)))
            throw new LayerException($"order {Shapes.Describe(order)} is not a permutation of {x.Rank} axes");
        long[] shape = [.. order.Select(axis => x.Shape[(int)axis])];
        if (order.SequenceEqual(order.Order()))
            return x;
        if (x.Constant is not { } constant)
            return Add("Transpose", [x], x.ElementType, shape, ("perm", order));

        long[] strides = BroadcastIndex.Strides(constant.Shape);
        return Constant(Gathered(constant, shape, [.. order.Select(axis => strides[axis])], 0).WithSteps(constant.Steps?.Transposed(constant.Shape, order)));
    }

    /// <summary>The shape of a value as a tensor: a constant where it is static.</summary>
    public Value ShapeOf(Value x, TensorElementType elementType) =>
        Cast(x.IsStatic ? Ints([.. x.Shape]) : Add("Shape", [x], TensorElementType.Int64, [x.Rank]), elementType);

    public Value Unsqueeze(Value x, IEnumerable<long> axes)
    {
        long[] given = [.. axes];
        Shapes.RequireRank((long)x.Rank + given.Length);
        int[] added = [.. given.Select(axis => Shapes.Axis(axis, x.Rank + given.Length)).Order()];
        if (added.Distinct().Count() != added.Length)
            throw new LayerException($"axes {string.Join(',', given)} to add are not all different");
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

    /// <summary>Repeats axes of size 1, and adds axes in front, up to a shape; axes that are 1 there keep their size.</summary>
    public Value Expand(Value x, long[] target)
    {
        long[] shape = Shapes.Broadcast(x.Shape, target);
        if (x.Constant is { } constant)
            return Constant(Gathered(constant, shape, BroadcastIndex.BroadcastStrides(constant.Shape, shape.Length), 0));
        return x.Shape.SequenceEqual(shape) && x.IsStatic ? x : Add("Expand", [x, Ints(target)], x.ElementType, shape);
    }

    /// <summary>The same with a shape that may be known only at run time.</summary>
    public Value Expand(Value x, Value target)
    {
        if (target.Constant is { } known)
            return Expand(x, known.ToInts());
        return Add("Expand", [x, Cast(target, TensorElementType.Int64)], x.ElementType, Shapes.Broadcast(x.Shape, SizesOf(target)));
    }

    /// <summary>Puts copies of the tensor one after another, so many along each axis.</summary>
    public Value Tile(Value x, long[] repeats)
    {
        if (repeats.Length != x.Rank || repeats.Any(static r => r < 0))
            throw new LayerException($"repeats {string.Join(',', repeats)} do not fit {Shapes.Describe(x.Shape)}");
        long[] shape = [.. x.Shape.Select((size, axis) => size < 0 && repeats[axis] != 0 ? Shapes.Unknown : checked(size * repeats[axis]))];
        if (repeats.All(static r => r == 1))
            return x;
        if (x.Constant is not { } constant)
            return Add("Tile", [x, Ints(repeats)], x.ElementType, shape);

        long[] strides = BroadcastIndex.Strides(constant.Shape);
        long[] copies = [.. constant.Shape.SelectMany((size, axis) => new[] { repeats[axis], size })];
        return Constant(Gathered(constant, copies, [.. strides.SelectMany(static stride => new[] { 0, stride })], 0).WithShape(shape));
    }

    /// <summary>The same with repeats, one for each axis, that may be known only at run time.</summary>
    public Value Tile(Value x, Value repeats)
    {
        if (repeats.Constant is { } constant)
            return Tile(x, constant.ToInts());
        long[] known = SizesOf(repeats);
        if (known.Length != x.Rank)
            throw new LayerException($"{known.Length} repeats do not fit {Shapes.Describe(x.Shape)}");
        long[] shape = [.. x.Shape.Select((size, axis) => size < 0 || known[axis] < 0 ? Shapes.Unknown : checked(size * known[axis]))];
        return Add("Tile", [x, Cast(repeats, TensorElementType.Int64)], x.ElementType, shape);
    }

    /// <summary>What is known of the sizes in a vector, whose length must be.</summary>
    private static long[] SizesOf(Value shape)
    {
        if (shape.Rank != 1 || shape.Shape[0] < 0)
            throw new LayerException("the number of dimensions of the new shape is not known when the model is loaded");
        Shapes.RequireRank(shape.Shape[0]);
        return KnownSizes.Of(shape) is { } known
            ? Array.ConvertAll(known, static size => Math.Max(size, Shapes.Unknown))
            : [.. Enumerable.Repeat(Shapes.Unknown, (int)shape.Shape[0])];
    }

    private Constant Gathered(Constant constant, long[] shape, long[] strides, long offset)
    {
        int size = constant.ElementType.Size();
        byte[] bytes = Allocate(constant.ElementType, shape);
        ReadOnlySpan<byte> source = constant.Data.Span;
        var index = new BroadcastIndex(shape, strides, offset);
        for (int at = 0; at < bytes.Length; at += size)
            source.Slice(index.Next() * size, size).CopyTo(bytes.AsSpan(at));
        return new Constant(constant.ElementType, shape, bytes);
    }
}
