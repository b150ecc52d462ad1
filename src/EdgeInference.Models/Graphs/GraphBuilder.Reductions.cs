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
        bool whole = x.ElementType != TensorElementType.Float32;
        if ((whole || x.Constant is not null) && ReduceInSteps(operation, x, reduced, keepDimensions) is { } steps)
            return steps;
        if (whole && operation is not ("ReduceSum" or "ReduceMax" or "ReduceMin" or "ReduceProd"))
            throw new LayerException($"{operation} of {x.ElementType} is not supported");

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

    /// <summary>
    /// Reductions that the engines have for floats only and that are not folded, by those that are. The mean of whole
    /// numbers is cut towards zero.
    /// </summary>
    /// <returns>Null where there are no such steps.</returns>
    private Value? ReduceInSteps(string operation, Value x, int[] reduced, bool keepDimensions)
    {
        switch (operation)
        {
            case "ReduceL1":
                return Sum(Unary("Abs", x));
            case "ReduceSumSquare":
                return Sum(Multiply(x, x));
            case "ReduceL2" when x.ElementType == TensorElementType.Float32:
                return Unary("Sqrt", Sum(Multiply(x, x)));
            case "ReduceMean" when reduced.All(axis => x.Shape[axis] > 0):
                long count = Shapes.Count([.. reduced.Select(axis => x.Shape[axis])]);
                return Divide(Sum(x), Number(count, x.ElementType));
            default:
                return null;
        }

        Value Sum(Value terms) => Reduce("ReduceSum", terms, reduced.Select(static axis => (long)axis), keepDimensions);
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
