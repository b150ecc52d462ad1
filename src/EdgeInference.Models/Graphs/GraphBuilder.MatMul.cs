using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>Products of matrices in the last two axes, the axes before them broadcast; a vector is a row on the left and a column on the right.</summary>
    /// <param name="first">[…, rows, inner], or [inner].</param>
    /// <param name="second">[…, inner, columns], or [inner].</param>
    /// <param name="transposeFirst">Whether the first's last two axes are the other way round; nothing to a vector.</param>
    /// <param name="transposeSecond">The same of the second.</param>
    public Value MatMul(Value first, Value second, bool transposeFirst = false, bool transposeSecond = false)
    {
        if (SameType(first, second) is not (TensorElementType.Float32 or TensorElementType.Int32 or TensorElementType.Int64))
            throw new LayerException($"a matrix product of {first.ElementType} is not supported");
        if (first.Rank == 0 || second.Rank == 0)
            throw new LayerException("a matrix product of a single number is not possible");
        Value left = transposeFirst ? TransposeMatrices(first) : first;
        Value right = transposeSecond ? TransposeMatrices(second) : second;
        long inner = left.Shape[^1];
        long rows = right.Shape[right.Rank == 1 ? 0 : ^2];
        if (inner >= 0 && rows >= 0 && inner != rows)
            throw new LayerException($"matrices {Shapes.Describe(left.Shape)} and {Shapes.Describe(right.Shape)} do not fit together");

        var shape = new List<long>(Shapes.Broadcast([.. left.Shape.SkipLast(2)], [.. right.Shape.SkipLast(2)]));
        if (left.Rank > 1)
            shape.Add(left.Shape[^2]);
        if (right.Rank > 1)
            shape.Add(right.Shape[^1]);
        return Add("MatMul", [left, right], first.ElementType, [.. shape]);
    }

    /// <summary>x * weightsᵀ + bias.</summary>
    /// <param name="x">[N, inputs].</param>
    /// <param name="weights">[outputs, inputs].</param>
    /// <param name="bias">[outputs], or null.</param>
    public Value FullyConnected(Value x, Value weights, Value? bias)
    {
        if (x.Rank != 2 || weights.Rank != 2 || !Shapes.Agree([x.Shape[1]], [weights.Shape[1]]) || (bias is not null && !Shapes.Agree(bias.Shape, [weights.Shape[0]])))
            throw new LayerException($"input {Shapes.Describe(x.Shape)} does not fit weights {Shapes.Describe(weights.Shape)}");
        return Add("Gemm", [x, weights, bias], x.ElementType, [x.Shape[0], weights.Shape[0]], ("transB", 1L));
    }

    public Value Einsum(EinsumEquation equation, IReadOnlyList<Value> operands)
    {
        TensorElementType elementType = operands[0].ElementType;
        if (elementType is not (TensorElementType.Float32 or TensorElementType.Int32 or TensorElementType.Int64) || operands.Any(operand => operand.ElementType != elementType))
            throw new LayerException($"a sum of products of {string.Join(" and ", operands.Select(static o => o.ElementType).Distinct())} is not supported");
        long[] shape = equation.ResultShape([.. operands.Select(static operand => operand.Shape)]);
        IEnumerable<Value> aligned = operands.Zip(
            equation.MissingAxes([.. operands.Select(static operand => operand.Rank)]),
            (operand, axes) => axes.Length == 0 ? operand : Unsqueeze(operand, axes));
        return Add("Einsum", aligned, elementType, shape, ("equation", equation.ToString()));
    }

    /// <summary>The tensor with its last two axes exchanged; a vector as it is.</summary>
    private Value TransposeMatrices(Value x)
    {
        if (x.Rank < 2)
            return x;
        long[] order = [.. Enumerable.Range(0, x.Rank - 2).Select(static axis => (long)axis), x.Rank - 1, x.Rank - 2];
        if (x.Constant is not { } constant)
            return Transpose(x, order);

        long[] shape = [.. constant.Shape[..^2], constant.Shape[^1], constant.Shape[^2]];
        byte[] bytes = Allocate(constant.ElementType, shape);
        if (constant.ElementType.Size() == sizeof(long))
            TransposeMatrices(constant.Values<long>(), MemoryMarshal.Cast<byte, long>(bytes.AsSpan()), constant.Shape);
        else
            TransposeMatrices(constant.Values<int>(), MemoryMarshal.Cast<byte, int>(bytes.AsSpan()), constant.Shape);
        return Constant(new Constant(constant.ElementType, shape, bytes).WithSteps(constant.Steps?.Transposed(constant.Shape, order)));
    }

    /// <summary>Walks the matrices in bands of rows that stay in the cache: large weights take a fraction of the time.</summary>
    private static void TransposeMatrices<T>(ReadOnlySpan<T> source, Span<T> target, long[] shape)
    {
        const int Band = 16;
        (int rows, int columns) = ((int)shape[^2], (int)shape[^1]);
        for (int start = 0; start < source.Length; start += rows * columns)
        {
            for (int top = 0; top < rows; top += Band)
            {
                int bottom = Math.Min(top + Band, rows);
                for (int column = 0; column < columns; column++)
                {
                    for (int row = top; row < bottom; row++)
                        target[start + (column * rows) + row] = source[start + (row * columns) + column];
                }
            }
        }
    }
}
