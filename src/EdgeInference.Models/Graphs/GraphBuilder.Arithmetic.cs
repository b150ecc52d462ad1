using System.Numerics;
using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    public Value Add(Value first, Value second) => Binary("Add", first, second);

    public Value Subtract(Value first, Value second) => Binary("Sub", first, second);

    public Value Multiply(Value first, Value second) => Binary("Mul", first, second);

    /// <summary>An element-wise operation of two tensors of one type, broadcast as NumPy does.</summary>
    public Value Binary(string operation, Value first, Value second)
    {
        if (first.ElementType != second.ElementType)
            throw new LayerException($"operands are of {first.ElementType} and {second.ElementType}");
        long[] shape = Shapes.Broadcast(first.Shape, second.Shape);
        return first.Constant is { } a && second.Constant is { } b && Fold(operation, a, b, shape) is { } folded
            ? Constant(folded)
            : Add(operation, [first, second], first.ElementType, shape);
    }

    /// <summary>An element-wise operation of one tensor.</summary>
    public Value Unary(string operation, Value x, params NodeAttribute[] attributes) =>
        Add(operation, [x], x.ElementType, [.. x.Shape], attributes);

    /// <summary>max(low, min(x, high)); an infinite bound is left out.</summary>
    public Value Clip(Value x, float low, float high) =>
        x.ElementType == TensorElementType.Float32
            ? Add("Clip", [x, float.IsFinite(low) ? Float(low) : null, float.IsFinite(high) ? Float(high) : null], x.ElementType, [.. x.Shape])
            : throw new LayerException($"clamping {x.ElementType} is not supported");

    public Value Cast(Value x, TensorElementType elementType)
    {
        if (x.ElementType == elementType)
            return x;
        if (x.Constant is { } constant)
        {
            byte[] bytes = Allocate(elementType, constant.Shape);
            if (ConstantCast.TryConvert(constant, elementType, bytes))
                return Constant(new Constant(elementType, constant.Shape, bytes));
        }

        return Add("Cast", [x], elementType, [.. x.Shape], ("to", (long)Onnx.OnnxTypes.ToOnnx(elementType)));
    }

    public Value Softmax(Value x, long axis) =>
        Add("Softmax", [x], x.ElementType, [.. x.Shape], ("axis", (long)Shapes.Axis(axis, x.Rank)));

    /// <summary>ReduceMean, ReduceSum and the like; <paramref name="operation"/> must take its axes as an attribute at our opset.</summary>
    public Value Reduce(string operation, Value x, IEnumerable<long> axes, bool keepDimensions)
    {
        int[] reduced = [.. axes.Select(axis => Shapes.Axis(axis, x.Rank)).Distinct().Order()];
        var shape = new List<long>();
        for (int i = 0; i < x.Rank; i++)
        {
            if (!reduced.Contains(i))
                shape.Add(x.Shape[i]);
            else if (keepDimensions)
                shape.Add(1);
        }

        if (reduced.Length == 0)
            return x;

        // The blocked convolution layouts of the engines go on through GlobalAveragePool, not through ReduceMean.
        if (operation is "ReduceMean" && x.Rank == 4 && reduced is [2, 3])
        {
            Value pooled = Add("GlobalAveragePool", [x], x.ElementType, [x.Shape[0], x.Shape[1], 1, 1]);
            return keepDimensions ? pooled : Reshape(pooled, [.. shape]);
        }

        return Add(operation, [x], x.ElementType, [.. shape], ("axes", Array.ConvertAll(reduced, static a => (long)a)), ("keepdims", keepDimensions ? 1L : 0L));
    }

    private Constant? Fold(string operation, Constant a, Constant b, long[] shape) => a.ElementType switch
    {
        TensorElementType.Float32 => Fold<float>(operation, a, b, shape),
        TensorElementType.Int32 => Fold<int>(operation, a, b, shape),
        TensorElementType.Int64 => Fold<long>(operation, a, b, shape),
        _ => null,
    };

    private Constant? Fold<T>(string operation, Constant a, Constant b, long[] shape)
        where T : unmanaged, INumber<T>
    {
        Func<T, T, T>? apply = operation switch
        {
            "Add" => static (x, y) => x + y,
            "Sub" => static (x, y) => x - y,
            "Mul" => static (x, y) => x * y,
            "Div" when typeof(T) == typeof(float) || !b.Values<T>().Contains(T.Zero) => static (x, y) => x / y,
            "Max" => T.Max,
            "Min" => T.Min,
            _ => null,
        };
        if (apply is null)
            return null;

        byte[] bytes = Allocate(a.ElementType, shape);
        Span<T> result = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        ReadOnlySpan<T> x = a.Values<T>();
        ReadOnlySpan<T> y = b.Values<T>();
        var left = new BroadcastIndex(a.Shape, shape);
        var right = new BroadcastIndex(b.Shape, shape);
        for (int i = 0; i < result.Length; i++)
            result[i] = apply(x[left.Next()], y[right.Next()]);
        return new Constant(a.ElementType, shape, bytes);
    }
}
