using System.Numerics;
using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>Conversion between element types as the engines do it: floats are cut towards zero and saturate.</summary>
internal static class ConstantCast
{
    /// <returns>False when the pair of types is not among those that models hold constants in.</returns>
    public static bool TryConvert(Constant constant, TensorElementType to, Span<byte> result)
    {
        switch (constant.ElementType)
        {
            case TensorElementType.Float32: return From<float>(constant, to, result);
            case TensorElementType.Float16: return From<Half>(constant, to, result);
            case TensorElementType.Float64: return From<double>(constant, to, result);
            case TensorElementType.Int64: return From<long>(constant, to, result);
            case TensorElementType.Int32: return From<int>(constant, to, result);
            case TensorElementType.Int16: return From<short>(constant, to, result);
            case TensorElementType.Int8: return From<sbyte>(constant, to, result);
            case TensorElementType.UInt8 or TensorElementType.Boolean: return From<byte>(constant, to, result);
            default: return false;
        }
    }

    private static bool From<T>(Constant constant, TensorElementType to, Span<byte> result)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> values = constant.Values<T>();
        switch (to)
        {
            case TensorElementType.Float32: return Into<T, float>(values, result);
            case TensorElementType.Int64: return Into<T, long>(values, result);
            case TensorElementType.Int32: return Into<T, int>(values, result);
            case TensorElementType.Int16: return Into<T, short>(values, result);
            case TensorElementType.Int8: return Into<T, sbyte>(values, result);
            case TensorElementType.UInt8: return Into<T, byte>(values, result);
            case TensorElementType.Boolean: return Truth(values, result);
            default: return false;
        }
    }

    private static bool Into<TFrom, TTo>(ReadOnlySpan<TFrom> values, Span<byte> result)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        Span<TTo> converted = MemoryMarshal.Cast<byte, TTo>(result);
        for (int i = 0; i < values.Length; i++)
            converted[i] = TTo.CreateSaturating(values[i]);
        return true;
    }

    private static bool Truth<T>(ReadOnlySpan<T> values, Span<byte> result)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < values.Length; i++)
            result[i] = values[i] == T.Zero ? (byte)0 : (byte)1;
        return true;
    }
}
