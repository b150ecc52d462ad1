using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>
/// The element types of IR files under their two spellings (f32, FP32). Floating point of any width becomes Float32, as
/// the reference engines compute it; whole numbers keep a type that holds their range.
/// </summary>
internal static class IrElementTypes
{
    private static readonly Dictionary<string, Storage> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["f32"] = new(TensorElementType.Float32, 4, null),
        ["f16"] = new(TensorElementType.Float32, 2, static data => Widen<Half, float>(data, static v => (float)v)),
        ["bf16"] = new(TensorElementType.Float32, 2, static data => Widen<ushort, float>(data, static v => BitConverter.UInt32BitsToSingle((uint)v << 16))),
        ["f64"] = new(TensorElementType.Float32, 8, static data => Widen<double, float>(data, static v => (float)v)),
        ["i64"] = new(TensorElementType.Int64, 8, null),
        ["u64"] = new(TensorElementType.Int64, 8, null),
        ["i32"] = new(TensorElementType.Int32, 4, null),
        ["u32"] = new(TensorElementType.Int64, 4, static data => Widen<uint, long>(data, static v => v)),
        ["i16"] = new(TensorElementType.Int16, 2, null),
        ["u16"] = new(TensorElementType.Int32, 2, static data => Widen<ushort, int>(data, static v => v)),
        ["i8"] = new(TensorElementType.Int8, 1, null),
        ["u8"] = new(TensorElementType.UInt8, 1, null),
        ["boolean"] = new(TensorElementType.Boolean, 1, null),
        ["bool"] = new(TensorElementType.Boolean, 1, null),
    };

    static IrElementTypes()
    {
        foreach (int bits in new[] { 16, 32, 64 })
            Types[$"FP{bits}"] = Types[$"f{bits}"];
    }

    /// <summary>The type that we compute in.</summary>
    public static TensorElementType Parse(string name) => Find(name).ElementType;

    /// <summary>Bytes of one element in the file.</summary>
    public static int StorageSize(string name) => Find(name).Size;

    /// <summary>Elements as they stand in the file, in the type that we compute in.</summary>
    public static ReadOnlyMemory<byte> Convert(string name, byte[] data) => Find(name).Convert?.Invoke(data) ?? data;

    private static Storage Find(string name) =>
        Types.TryGetValue(name, out Storage? type) ? type : throw new LayerException($"element type '{name}' is not supported");

    private static byte[] Widen<TFrom, TTo>(byte[] data, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        ReadOnlySpan<TFrom> source = MemoryMarshal.Cast<byte, TFrom>(data);
        var result = new byte[source.Length * Marshal.SizeOf<TTo>()];
        Span<TTo> target = MemoryMarshal.Cast<byte, TTo>(result.AsSpan());
        for (int i = 0; i < source.Length; i++)
            target[i] = convert(source[i]);
        return result;
    }

    private sealed record Storage(TensorElementType ElementType, int Size, Func<byte[], byte[]>? Convert);
}
