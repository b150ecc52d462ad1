using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <param name="operation">ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd, ReduceL1, ReduceL2, ReduceLogSum, ReduceLogSumExp or ReduceSumSquare.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">What to reduce; none leaves the tensor as it is.</param>
    /// <param name="keepDimensions">Whether reduced axes stay, with size 1.</param>
    public Value Reduce(string operation, Value x, IEnumerable<long> axes, bool keepDimensions)
    {
        int[] reduced = [.. axes.Select(axis => Shapes.Axis(axis, x.Rank)).Distinct().Order()];
        if (reduced.Length == 0)
            return x;
        if (Widened(x.ElementType) is var wide && wide != x.ElementType)
            return Cast(Reduce(operation, Cast(x, wide), axes, keepDimensions), x.ElementType);

        long[] kept = [.. x.Shape.Select((size, axis) => reduced.Contains(axis) ? 1 : size)];
        long[] shape = keepDimensions ? kept : [.. x.Shape.Where((_, axis) => !reduced.Contains(axis))];
        if (x.Constant is { } constant && Fold(operation, constant, kept) is { } folded)
            return Constant(folded.WithShape(shape));
        if (x.ElementType != TensorElementType.Float32 && operation is not ("ReduceSum" or "ReduceMax" or "ReduceMin" or "ReduceProd"))
            return ReduceWhole(operation, x, reduced, keepDimensions);

        // The blocked convolution layouts of the engines go on through GlobalAveragePool, not through ReduceMean.
        if (operation is "ReduceMean" && x.Rank is 4 or 5 && reduced.SequenceEqual(Enumerable.Range(2, x.Rank - 2)))
        {
            Value pooled = Add("GlobalAveragePool", [x], x.ElementType, kept);
            return keepDimensions ? pooled : Reshape(pooled, shape);
        }

        long[] attribute = Array.ConvertAll(reduced, static axis => (long)axis);
        NodeAttribute keep = ("keepdims", keepDimensions ? 1L : 0L);

        // Of the reductions only the sum has its axes as an input at our opset.
        return operation is "ReduceSum"
            ? Add(operation, [x, Ints(attribute)], x.ElementType, shape, keep)
            : Add(operation, [x], x.ElementType, shape, ("axes", attribute), keep);
    }

    /// <param name="x">Booleans.</param>
    /// <param name="all">Whether all must hold, or any.</param>
    /// <param name="axes">What to reduce.</param>
    /// <param name="keepDimensions">Whether reduced axes stay, with size 1.</param>
    public Value ReduceLogical(Value x, bool all, IEnumerable<long> axes, bool keepDimensions)
    {
        RequireBooleans(x);
        return Reduce(all ? "ReduceMin" : "ReduceMax", x, axes, keepDimensions);
    }

    /// <summary>Running sums along an axis.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="exclusive">Whether an element's own value is left out.</param>
    /// <param name="reverse">Whether to sum from the end.</param>
    public Value CumulativeSum(Value x, long axis, bool exclusive, bool reverse) =>
        Widened(x.ElementType) is var wide && wide != x.ElementType
            ? Cast(CumulativeSum(Cast(x, wide), axis, exclusive, reverse), x.ElementType)
            : Add(
                "CumSum",
                [x, Ints(Shapes.Axis(axis, x.Rank))],
                x.ElementType,
                [.. x.Shape],
                ("exclusive", exclusive ? 1L : 0L),
                ("reverse", reverse ? 1L : 0L));

    /// <summary>Reductions that the engines have for floats only: the mean of whole numbers is cut towards zero.</summary>
    private Value ReduceWhole(string operation, Value x, int[] reduced, bool keepDimensions)
    {
        long[] axes = Array.ConvertAll(reduced, static axis => (long)axis);
        switch (operation)
        {
            case "ReduceL1":
                return Reduce("ReduceSum", Unary("Abs", x), axes, keepDimensions);
            case "ReduceMean" when reduced.All(axis => x.Shape[axis] > 0):
                Value count = Cast(Ints(Shapes.Count([.. reduced.Select(axis => x.Shape[axis])])), x.ElementType);
                return Divide(Reduce("ReduceSum", x, axes, keepDimensions), Reshape(count, []));
            default:
                throw new LayerException($"{operation} of {x.ElementType} is not supported");
        }
    }

    private Constant? Fold(string operation, Constant x, long[] kept) => x.ElementType switch
    {
        TensorElementType.Float32 => Fold(ConstantMath.Reduction<float>(operation), x, kept),
        TensorElementType.Int32 => Fold(ConstantMath.Reduction<int>(operation), x, kept),
        TensorElementType.Int64 => Fold(ConstantMath.Reduction<long>(operation), x, kept),
        _ => null,
    };

    private Constant? Fold<T>((T Start, Func<T, T, T> Step)? reduction, Constant x, long[] kept)
        where T : unmanaged
    {
        if (reduction is not { } reduce)
            return null;
        byte[] bytes = Allocate(x.ElementType, kept);
        Span<T> result = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        result.Fill(reduce.Start);
        var target = new BroadcastIndex(kept, x.Shape);
        foreach (T value in x.Values<T>())
        {
            int at = target.Next();
            result[at] = reduce.Step(result[at], value);
        }

        return new Constant(x.ElementType, kept, bytes);
    }
}
