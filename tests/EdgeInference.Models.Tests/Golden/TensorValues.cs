using EdgeInference.Inference;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>Tensors of any element type as numbers.</summary>
internal static class TensorValues
{
    public static double[] Read(Tensor tensor) => tensor.ElementType switch
    {
        TensorElementType.Float32 => Convert<float>(tensor, static v => v),
        TensorElementType.Float16 => Convert<Half>(tensor, static v => (double)v),
        TensorElementType.Float64 => tensor.Elements<double>().ToArray(),
        TensorElementType.Int64 => Convert<long>(tensor, static v => v),
        TensorElementType.Int32 => Convert<int>(tensor, static v => v),
        TensorElementType.Int16 => Convert<short>(tensor, static v => v),
        TensorElementType.Int8 => Convert<sbyte>(tensor, static v => v),
        _ => Convert<byte>(tensor, static v => v),
    };

    /// <summary>Copies values between tensors of the same shape, converting the element type.</summary>
    public static void Copy(Tensor from, Tensor to)
    {
        if (from.ElementType == to.ElementType)
        {
            from.Bytes.CopyTo(to.Bytes);
            return;
        }

        double[] values = Read(from);
        Assert.Equal(TensorElementType.Float32, to.ElementType);
        for (int i = 0; i < values.Length; i++)
            to.Elements<float>()[i] = (float)values[i];
    }

    private static double[] Convert<T>(Tensor tensor, Converter<T, double> convert)
        where T : unmanaged
    {
        T[] elements = tensor.ElementType == TensorElementType.Boolean && typeof(T) == typeof(byte)
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(tensor.Bytes).ToArray()
            : tensor.Elements<T>().ToArray();
        return Array.ConvertAll(elements, convert);
    }
}
