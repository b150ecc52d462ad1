namespace EdgeInference.Inference;

/// <summary>The type of a tensor's elements, named as in OpenVINO's IR.</summary>
public enum TensorElementType
{
    Float32,
    Float16,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    Boolean,
}

public static class TensorElementTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this TensorElementType type) => type switch
    {
        TensorElementType.Float64 or TensorElementType.Int64 => 8,
        TensorElementType.Float32 or TensorElementType.Int32 => 4,
        TensorElementType.Float16 or TensorElementType.Int16 => 2,
        TensorElementType.Int8 or TensorElementType.UInt8 or TensorElementType.Boolean => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, message: null),
    };
}
