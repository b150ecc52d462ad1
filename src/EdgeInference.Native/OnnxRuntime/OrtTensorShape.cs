using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>Reads an OrtTensorTypeAndShapeInfo, and maps element types.</summary>
internal static unsafe class OrtTensorShape
{
    /// <summary>The dimensions, -1 where unknown; none for a scalar and also where even their number is unknown.</summary>
    public static long[] Read(OrtApi api, nint tensorInfo)
    {
        long[] shape = new long[Rank(api, tensorInfo)];
        Read(api, tensorInfo, shape);
        return shape;
    }

    /// <summary>Fills <paramref name="shape"/>, which has as many elements as <see cref="Rank"/> says.</summary>
    public static void Read(OrtApi api, nint tensorInfo, Span<long> shape)
    {
        fixed (long* dimensions = shape)
            api.Check(api.Table->GetDimensions(tensorInfo, dimensions, (nuint)shape.Length), nameof(OrtApiTable.GetDimensions));
    }

    public static int Rank(OrtApi api, nint tensorInfo)
    {
        nuint rank;
        api.Check(api.Table->GetDimensionsCount(tensorInfo, &rank), nameof(OrtApiTable.GetDimensionsCount));
        return (int)rank;
    }

    /// <exception cref="InferenceException">There is no such element type here.</exception>
    public static TensorElementType ReadElementType(OrtApi api, nint tensorInfo, string name)
    {
        OrtElementType type;
        api.Check(api.Table->GetTensorElementType(tensorInfo, &type), nameof(OrtApiTable.GetTensorElementType));
        return type switch
        {
            OrtElementType.Float32 => TensorElementType.Float32,
            OrtElementType.Float16 => TensorElementType.Float16,
            OrtElementType.Float64 => TensorElementType.Float64,
            OrtElementType.Int8 => TensorElementType.Int8,
            OrtElementType.Int16 => TensorElementType.Int16,
            OrtElementType.Int32 => TensorElementType.Int32,
            OrtElementType.Int64 => TensorElementType.Int64,
            OrtElementType.UInt8 => TensorElementType.UInt8,
            OrtElementType.Boolean => TensorElementType.Boolean,
            _ => throw new InferenceException($"ONNX Runtime: {name} has elements of ONNX type {(int)type}, which is not supported."),
        };
    }

    public static OrtElementType ToNative(TensorElementType type) => type switch
    {
        TensorElementType.Float32 => OrtElementType.Float32,
        TensorElementType.Float16 => OrtElementType.Float16,
        TensorElementType.Float64 => OrtElementType.Float64,
        TensorElementType.Int8 => OrtElementType.Int8,
        TensorElementType.Int16 => OrtElementType.Int16,
        TensorElementType.Int32 => OrtElementType.Int32,
        TensorElementType.Int64 => OrtElementType.Int64,
        TensorElementType.UInt8 => OrtElementType.UInt8,
        TensorElementType.Boolean => OrtElementType.Boolean,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, message: null),
    };
}
