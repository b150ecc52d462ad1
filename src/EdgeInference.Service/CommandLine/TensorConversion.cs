using System.Numerics;
using EdgeInference.Inference;

namespace EdgeInference.Service.CommandLine;

/// <summary>Makes a tensor from a file the input of a model: same shape, elements converted.</summary>
internal static class TensorConversion
{
    /// <exception cref="InvalidDataException">The shapes differ.</exception>
    public static void Copy(Tensor source, Tensor target, TensorInfo input, string file)
    {
        ReadOnlySpan<long> shape = source.Shape;
        bool fits = shape.Length == input.Shape.Count;
        for (int i = 0; fits && i < shape.Length; i++)
            fits = input.Shape[i] < 0 || input.Shape[i] == shape[i];
        if (!fits)
            throw new InvalidDataException($"{file}: shape [{string.Join(',', shape.ToArray())}] is not that of the input {input}");

        target.Resize(shape);
        if (source.ElementType == target.ElementType)
            source.Bytes.CopyTo(target.Bytes);
        else
            Write(ReadAll(source), target);
    }

    private static double[] ReadAll(Tensor tensor) => tensor.ElementType switch
    {
        TensorElementType.Float32 => Read<float>(tensor),
        TensorElementType.Float16 => Read<Half>(tensor),
        TensorElementType.Float64 => Read<double>(tensor),
        TensorElementType.Int8 => Read<sbyte>(tensor),
        TensorElementType.Int16 => Read<short>(tensor),
        TensorElementType.Int32 => Read<int>(tensor),
        TensorElementType.Int64 => Read<long>(tensor),
        _ => Read<byte>(tensor),
    };

    private static void Write(double[] values, Tensor tensor)
    {
        switch (tensor.ElementType)
        {
            case TensorElementType.Float32: Write<float>(values, tensor); break;
            case TensorElementType.Float16: Write<Half>(values, tensor); break;
            case TensorElementType.Float64: Write<double>(values, tensor); break;
            case TensorElementType.Int8: Write<sbyte>(values, tensor); break;
            case TensorElementType.Int16: Write<short>(values, tensor); break;
            case TensorElementType.Int32: Write<int>(values, tensor); break;
            case TensorElementType.Int64: Write<long>(values, tensor); break;
            default: Write<byte>(values, tensor); break;
        }
    }

    private static double[] Read<T>(Tensor tensor)
        where T : unmanaged, INumber<T> =>
        Array.ConvertAll(tensor.Elements<T>().ToArray(), double.CreateSaturating);

    private static void Write<T>(double[] values, Tensor tensor)
        where T : unmanaged, INumber<T> =>
        Array.ConvertAll(values, T.CreateSaturating).CopyTo(tensor.Elements<T>());
}
