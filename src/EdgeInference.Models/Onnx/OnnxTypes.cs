using EdgeInference.Inference;

namespace EdgeInference.Models.Onnx;

/// <summary>ONNX's numbers for element types (TensorProto.DataType).</summary>
internal static class OnnxTypes
{
    private static readonly Dictionary<int, TensorElementType> Types = new()
    {
        [1] = TensorElementType.Float32,
        [2] = TensorElementType.UInt8,
        [3] = TensorElementType.Int8,
        [5] = TensorElementType.Int16,
        [6] = TensorElementType.Int32,
        [7] = TensorElementType.Int64,
        [9] = TensorElementType.Boolean,
        [10] = TensorElementType.Float16,
        [11] = TensorElementType.Float64,
    };

    private static readonly Dictionary<TensorElementType, int> Numbers = Types.ToDictionary(static t => t.Value, static t => t.Key);

    public static int ToOnnx(TensorElementType type) => Numbers[type];

    /// <summary>Null for types that no tensor of ours has.</summary>
    public static TensorElementType? FromOnnx(int type) => Types.TryGetValue(type, out TensorElementType known) ? known : null;
}
