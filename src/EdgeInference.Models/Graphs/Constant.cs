using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>A tensor known at load. Never changed after it is made, so the memory may be shared.</summary>
internal sealed class Constant(TensorElementType elementType, long[] shape, ReadOnlyMemory<byte> data)
{
    public TensorElementType ElementType { get; } = elementType;

    public long[] Shape { get; } = shape;

    public ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>What floats that were stored in whole numbers are multiples of; null for others.</summary>
    public StepSizes? Steps { get; init; }

    public int Count => Data.Length / ElementType.Size();

    public static Constant Floats(float[] values, params long[] shape) =>
        new(TensorElementType.Float32, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    /// <summary>A vector of Int64.</summary>
    public static Constant Ints(params long[] values) =>
        new(TensorElementType.Int64, [values.Length], MemoryMarshal.AsBytes<long>(values).ToArray());

    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data.Span);

    /// <summary>The same elements in another shape of as many.</summary>
    public Constant WithShape(long[] shape) => new(ElementType, shape, Data) { Steps = Steps };

    /// <summary>The same elements, known to be multiples of these.</summary>
    public Constant WithSteps(StepSizes? steps) => new(ElementType, Shape, Data) { Steps = steps };

    /// <summary>The elements as whole numbers, such as sizes and indices; floats must hold whole numbers.</summary>
    /// <exception cref="LayerException">There are more than any real model has in one place.</exception>
    public long[] ToInts() => Shapes.Length(Count) == 0 ? [] : Widened();

    /// <exception cref="LayerException">The elements are of a type that is not converted.</exception>
    public float[] ToFloats()
    {
        var floats = new float[Count];
        return ConstantCast.TryConvert(this, TensorElementType.Float32, MemoryMarshal.AsBytes(floats.AsSpan()))
            ? floats
            : throw new LayerException($"a constant of {ElementType} is not a list of numbers");
    }

    private long[] Widened() => ElementType switch
    {
        TensorElementType.Int64 => Values<long>().ToArray(),
        TensorElementType.Int32 => Convert<int>(static v => v),
        TensorElementType.Int16 => Convert<short>(static v => v),
        TensorElementType.Int8 => Convert<sbyte>(static v => v),
        TensorElementType.UInt8 or TensorElementType.Boolean => Convert<byte>(static v => v),
        TensorElementType.Float32 => Convert<float>(Whole),
        _ => throw new LayerException($"a constant of {ElementType} is not a list of whole numbers"),
    };

    private static long Whole(float value) =>
        value == MathF.Truncate(value) && MathF.Abs(value) < 1L << 62
            ? (long)value
            : throw new LayerException($"{value} is not a whole number");

    private long[] Convert<T>(Converter<T, long> convert)
        where T : unmanaged => Array.ConvertAll(Values<T>().ToArray(), convert);
}
