using System.Numerics;
using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Ssd;

/// <summary>Takes floats through element types one after another, as Convert layers do: whole numbers are cut towards zero and saturate.</summary>
internal static class ElementConversion
{
    /// <param name="source">The floats.</param>
    /// <param name="types">The types; the last is the result's.</param>
    /// <param name="result">As many elements of the last type.</param>
    public static void Convert(ReadOnlySpan<float> source, ReadOnlySpan<TensorElementType> types, Span<byte> result)
    {
        switch (types[^1])
        {
            case TensorElementType.Float32: Into<float>(source, types, result); break;
            case TensorElementType.Float16: Into<Half>(source, types, result); break;
            case TensorElementType.Float64: Into<double>(source, types, result); break;
            case TensorElementType.Int64: Into<long>(source, types, result); break;
            case TensorElementType.Int32: Into<int>(source, types, result); break;
            case TensorElementType.Int16: Into<short>(source, types, result); break;
            case TensorElementType.Int8: Into<sbyte>(source, types, result); break;
            case TensorElementType.UInt8 or TensorElementType.Boolean: Into<byte>(source, types, result); break;
            default: throw new ArgumentOutOfRangeException(nameof(types), types[^1], message: null);
        }
    }

    private static void Into<T>(ReadOnlySpan<float> source, ReadOnlySpan<TensorElementType> types, Span<byte> result)
        where T : unmanaged, INumber<T>
    {
        Span<T> converted = MemoryMarshal.Cast<byte, T>(result);
        for (int i = 0; i < source.Length; i++)
        {
            double value = source[i];
            foreach (TensorElementType type in types)
                value = Held(value, type);
            converted[i] = T.CreateSaturating(value);
        }
    }

    /// <summary>What a type keeps of a number.</summary>
    private static double Held(double value, TensorElementType type) => type switch
    {
        TensorElementType.Float32 => (float)value,
        TensorElementType.Float16 => (double)(Half)value,
        TensorElementType.Int64 => long.CreateSaturating(value),
        TensorElementType.Int32 => int.CreateSaturating(value),
        TensorElementType.Int16 => short.CreateSaturating(value),
        TensorElementType.Int8 => sbyte.CreateSaturating(value),
        TensorElementType.UInt8 => byte.CreateSaturating(value),
        TensorElementType.Boolean => value == 0 ? 0 : 1,
        _ => value,
    };
}
