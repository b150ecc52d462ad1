using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <param name="operation">Equal, Greater, GreaterOrEqual, Less or LessOrEqual.</param>
    /// <param name="first">One tensor.</param>
    /// <param name="second">Another of its type, broadcast as NumPy does.</param>
    /// <returns>Booleans.</returns>
    public Value Compare(string operation, Value first, Value second)
    {
        TensorElementType elementType = SameType(first, second);
        if (Widened(elementType) is var wide && wide != elementType)
            return Compare(operation, Cast(first, wide), Cast(second, wide));

        long[] shape = Shapes.Broadcast(first.Shape, second.Shape);
        return first.Constant is { } a && second.Constant is { } b && FoldComparison(operation, a, b, shape) is { } folded
            ? Constant(folded)
            : Add(operation, [first, second], TensorElementType.Boolean, shape);
    }

    /// <summary>Where the elements are not 0, as Booleans.</summary>
    public Value Truth(Value x) => Cast(x, TensorElementType.Boolean);

    /// <param name="operation">And, Or or Xor.</param>
    /// <param name="first">Booleans.</param>
    /// <param name="second">Booleans, broadcast as NumPy does.</param>
    public Value Logical(string operation, Value first, Value second)
    {
        RequireBooleans(first);
        RequireBooleans(second);
        long[] shape = Shapes.Broadcast(first.Shape, second.Shape);
        if (first.Constant is not { } a || second.Constant is not { } b)
            return Add(operation, [first, second], TensorElementType.Boolean, shape);
        Func<byte, byte, bool> apply = operation switch
        {
            "And" => static (x, y) => x != 0 && y != 0,
            "Or" => static (x, y) => x != 0 || y != 0,
            "Xor" => static (x, y) => (x != 0) != (y != 0),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, message: null),
        };
        return Constant(Fold(apply, a, b, TensorElementType.Boolean, shape)!);
    }

    /// <param name="x">Booleans.</param>
    public Value Not(Value x)
    {
        RequireBooleans(x);
        return x.Constant is { } constant
            ? Constant(Fold<byte>(static v => v == 0 ? (byte)1 : (byte)0, constant)!)
            : Add("Not", [x], TensorElementType.Boolean, [.. x.Shape]);
    }

    /// <param name="condition">Booleans.</param>
    /// <param name="then">What is taken where the condition holds.</param>
    /// <param name="otherwise">What is taken elsewhere, of the same type; all three are broadcast as NumPy does.</param>
    public Value Where(Value condition, Value then, Value otherwise)
    {
        RequireBooleans(condition);
        TensorElementType elementType = SameType(then, otherwise);
        long[] shape = Shapes.Broadcast(Shapes.Broadcast(condition.Shape, then.Shape), otherwise.Shape);
        if (condition.Constant is { } c && then.Constant is { } a && otherwise.Constant is { } b)
            return Constant(Selected(c, a, b, shape));
        return elementType is not TensorElementType.UInt8 && Widened(elementType) is var wide && wide != elementType
            ? Cast(Where(condition, Cast(then, wide), Cast(otherwise, wide)), elementType)
            : Add("Where", [condition, then, otherwise], elementType, shape);
    }

    private static void RequireBooleans(Value x)
    {
        if (x.ElementType != TensorElementType.Boolean)
            throw new LayerException($"a condition is of {x.ElementType}, not Boolean");
    }

    private Constant? FoldComparison(string operation, Constant a, Constant b, long[] shape) => a.ElementType switch
    {
        TensorElementType.Float32 => Fold(ConstantMath.Comparison<float>(operation), a, b, TensorElementType.Boolean, shape),
        TensorElementType.Int32 => Fold(ConstantMath.Comparison<int>(operation), a, b, TensorElementType.Boolean, shape),
        TensorElementType.Int64 => Fold(ConstantMath.Comparison<long>(operation), a, b, TensorElementType.Boolean, shape),
        _ => null,
    };

    private Constant Selected(Constant condition, Constant then, Constant otherwise, long[] shape)
    {
        int size = then.ElementType.Size();
        byte[] bytes = Allocate(then.ElementType, shape);
        var at = new BroadcastIndex(condition.Shape, shape);
        var left = new BroadcastIndex(then.Shape, shape);
        var right = new BroadcastIndex(otherwise.Shape, shape);
        for (int i = 0; i < bytes.Length; i += size)
        {
            bool chosen = condition.Data.Span[at.Next()] != 0;
            (int first, int second) = (left.Next(), right.Next());
            ReadOnlySpan<byte> source = chosen ? then.Data.Span.Slice(first * size, size) : otherwise.Data.Span.Slice(second * size, size);
            source.CopyTo(bytes.AsSpan(i));
        }

        return new Constant(then.ElementType, shape, bytes);
    }
}
