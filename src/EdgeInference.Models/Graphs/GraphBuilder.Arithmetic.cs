using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    public Value Add(Value first, Value second) => Binary("Add", first, second);

    public Value Subtract(Value first, Value second) => Binary("Sub", first, second);

    public Value Multiply(Value first, Value second) => Binary("Mul", first, second);

    /// <summary>The quotient; of whole numbers cut towards zero.</summary>
    public Value Divide(Value first, Value second) => Binary("Div", first, second);

    /// <summary>The remainder with the dividend's sign.</summary>
    public Value Modulo(Value first, Value second) => Binary("Mod", first, second, ("fmod", 1L));

    /// <summary>The remainder with the divisor's sign.</summary>
    public Value FloorModulo(Value first, Value second) =>
        Modulo(Add(Modulo(first, second), second), second);

    public Value SquaredDifference(Value first, Value second)
    {
        Value difference = Subtract(first, second);
        return Multiply(difference, difference);
    }

    /// <summary>An element-wise operation of two tensors of one type, broadcast as NumPy does.</summary>
    public Value Binary(string operation, Value first, Value second, params NodeAttribute[] attributes)
    {
        TensorElementType elementType = SameType(first, second);
        if (Widened(elementType) is var wide && wide != elementType)
            return Cast(Binary(operation, Cast(first, wide), Cast(second, wide), attributes), elementType);
        if (operation is "Div" or "Mod" && elementType != TensorElementType.Float32 && second.Constant?.ToInts().Contains(0) == true)
            throw new LayerException("it divides whole numbers by zero");

        bool computed = first.Constant is null || second.Constant is null;
        if (operation is "Div" && computed && elementType != TensorElementType.Float32 && second.Constant?.ToInts().Contains(-1) != false)
            return DivideByMinusOneToo(first, second);

        long[] shape = Shapes.Broadcast(first.Shape, second.Shape);
        return first.Constant is { } a && second.Constant is { } b && Fold(operation, a, b, shape) is { } folded
            ? Constant(folded.WithSteps(QuantizedConstants.Steps(operation, a, b, shape)))
            : Add(operation, [first, second], elementType, shape, attributes);
    }

    /// <summary>Division of whole numbers where the divisor may be -1: ONNX Runtime's ends the process when the least number is divided by that.</summary>
    private Value DivideByMinusOneToo(Value first, Value second)
    {
        Value negates = Compare("Equal", second, Number(-1, second.ElementType));
        Value divisor = Where(negates, Number(1, second.ElementType), second);
        long[] shape = Shapes.Broadcast(first.Shape, second.Shape);
        return Where(negates, Unary("Neg", first), Add("Div", [first, divisor], first.ElementType, shape));
    }

    /// <summary>An element-wise operation of one tensor.</summary>
    public Value Unary(string operation, Value x, params NodeAttribute[] attributes)
    {
        if (x.ElementType != TensorElementType.Float32)
        {
            if (operation is "Floor" or "Ceil" or "Round")
                return x;
            if (operation is not ("Abs" or "Neg" or "Sign"))
                throw new LayerException($"{operation} of {x.ElementType} is not supported");
            if (Widened(x.ElementType) is var wide && wide != x.ElementType)
                return Cast(Unary(operation, Cast(x, wide), attributes), x.ElementType);
        }

        return x.Constant is { } constant && Fold(operation, constant) is { } folded
            ? Constant(folded)
            : Add(operation, [x], x.ElementType, [.. x.Shape], attributes);
    }

    /// <summary>x, or x * slope below zero.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="slope">Broadcast to the tensor's shape, which it must not widen.</param>
    public Value PRelu(Value x, Value slope)
    {
        if (!Shapes.Agree(Shapes.Broadcast(x.Shape, slope.Shape), x.Shape))
            throw new LayerException($"a slope of shape {Shapes.Describe(slope.Shape)} does not fit {Shapes.Describe(x.Shape)}");
        return SameType(x, slope) == TensorElementType.Float32
            ? Add("PRelu", [x, slope], x.ElementType, [.. x.Shape])
            : throw new LayerException($"PReLU of {x.ElementType} is not supported");
    }

    /// <summary>max(low, min(x, high)); an infinite bound is left out. Whole numbers are held to the whole numbers between the bounds.</summary>
    public Value Clip(Value x, double low, double high)
    {
        if (x.ElementType != TensorElementType.Float32)
            (low, high) = (Math.Ceiling(low), Math.Floor(high));
        if (x.Constant is not null || x.ElementType == TensorElementType.Int16)
            return Binary("Min", Binary("Max", x, Number(low, x.ElementType)), Number(high, x.ElementType));
        return Add("Clip", [x, Bound(low), Bound(high)], x.ElementType, [.. x.Shape]);

        Value? Bound(double bound) => double.IsFinite(bound) ? Number(bound, x.ElementType) : null;
    }

    /// <summary>Another element type. Floats are cut towards zero and, as in the reference engine, held to the range of small whole numbers.</summary>
    public Value Cast(Value x, TensorElementType elementType)
    {
        if (x.ElementType == elementType)
            return x;
        if (x.Constant is { } constant)
        {
            byte[] bytes = Allocate(elementType, constant.Shape);
            if (ConstantCast.TryConvert(constant, elementType, bytes))
                return Constant(new Constant(elementType, constant.Shape, bytes).WithSteps(QuantizedConstants.Steps(constant, elementType)));
        }

        Value bounded = (x.ElementType, elementType) switch
        {
            (TensorElementType.Float32, TensorElementType.UInt8) => Clip(x, byte.MinValue, byte.MaxValue),
            (TensorElementType.Float32, TensorElementType.Int8) => Clip(x, sbyte.MinValue, sbyte.MaxValue),
            (TensorElementType.Float32, TensorElementType.Int16) => Clip(x, short.MinValue, short.MaxValue),
            _ => x,
        };
        return Add("Cast", [bounded], elementType, [.. x.Shape], ("to", (long)Onnx.OnnxTypes.ToOnnx(elementType)));
    }

    public Value Softmax(Value x, long axis) => AlongAxis("Softmax", x, axis);

    public Value LogSoftmax(Value x, long axis) => AlongAxis("LogSoftmax", x, axis);

    private Value AlongAxis(string operation, Value x, long axis) =>
        Unary(operation, x, ("axis", (long)Shapes.Axis(axis, x.Rank)));

    /// <summary>The type that the engines calculate in: they have no arithmetic for the small whole numbers and truth values.</summary>
    private static TensorElementType Widened(TensorElementType type) =>
        type is TensorElementType.Int8 or TensorElementType.Int16 or TensorElementType.UInt8 or TensorElementType.Boolean ? TensorElementType.Int32 : type;

    private static TensorElementType SameType(Value first, Value second) =>
        first.ElementType == second.ElementType
            ? first.ElementType
            : throw new LayerException($"operands are of {first.ElementType} and {second.ElementType}");

    private Constant? Fold(string operation, Constant x) => x.ElementType switch
    {
        TensorElementType.Float32 => Fold(ConstantMath.Unary<float>(operation), x),
        TensorElementType.Int32 => Fold(ConstantMath.Unary<int>(operation), x),
        TensorElementType.Int64 => Fold(ConstantMath.Unary<long>(operation), x),
        _ => null,
    };

    private Constant? Fold<T>(Func<T, T>? apply, Constant x)
        where T : unmanaged
    {
        if (apply is null)
            return null;
        byte[] bytes = Allocate(x.ElementType, x.Shape);
        Span<T> result = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        ReadOnlySpan<T> values = x.Values<T>();
        for (int i = 0; i < result.Length; i++)
            result[i] = apply(values[i]);
        return new Constant(x.ElementType, x.Shape, bytes);
    }

    private Constant? Fold(string operation, Constant a, Constant b, long[] shape) => a.ElementType switch
    {
        TensorElementType.Float32 => Fold(ConstantMath.Binary<float>(operation), a, b, a.ElementType, shape),
        TensorElementType.Int32 => Fold(ConstantMath.Binary<int>(operation), a, b, a.ElementType, shape),
        TensorElementType.Int64 => Fold(ConstantMath.Binary<long>(operation), a, b, a.ElementType, shape),
        _ => null,
    };

    private Constant? Fold<T, TResult>(Func<T, T, TResult>? apply, Constant a, Constant b, TensorElementType resultType, long[] shape)
        where T : unmanaged
        where TResult : unmanaged
    {
        if (apply is null)
            return null;
        byte[] bytes = Allocate(resultType, shape);
        Span<TResult> result = MemoryMarshal.Cast<byte, TResult>(bytes.AsSpan());
        ReadOnlySpan<T> x = a.Values<T>();
        ReadOnlySpan<T> y = b.Values<T>();
        var run = new BroadcastRun(a.Shape, b.Shape, shape);
        BroadcastIndex left = run.Starts(a.Shape);
        BroadcastIndex right = run.Starts(b.Shape);
        for (int start = 0; start < result.Length; start += run.Length)
        {
            (int l, int r) = (left.Next(), right.Next());
            foreach (ref TResult element in result.Slice(start, run.Length))
            {
                element = apply(x[l], y[r]);
                l += run.FirstStep;
                r += run.SecondStep;
            }
        }

        return new Constant(resultType, shape, bytes);
    }
}
