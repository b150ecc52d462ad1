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
        ["f32"] = new(TensorElementType.Float32, 32, null),
        ["f16"] = new(TensorElementType.Float32, 16, static data => Widen<Half, float>(data, static v => (float)v)),
        ["bf16"] = new(TensorElementType.Float32, 16, static data => Widen<ushort, float>(data, static v => BitConverter.UInt32BitsToSingle((uint)v << 16))),
        ["f64"] = new(TensorElementType.Float32, 64, static data => Widen<double, float>(data, static v => (float)v)),
        ["i64"] = new(TensorElementType.Int64, 64, null),
        ["u64"] = new(TensorElementType.Int64, 64, static data => Widen<ulong, long>(data, static v => checked((long)v))),
        ["i32"] = new(TensorElementType.Int32, 32, null),
        ["u32"] = new(TensorElementType.Int64, 32, static data => Widen<uint, long>(data, static v => v)),
        ["i16"] = new(TensorElementType.Int16, 16, null),
        ["u16"] = new(TensorElementType.Int32, 16, static data => Widen<ushort, int>(data, static v => v)),
        ["i8"] = new(TensorElementType.Int8, 8, null),
        ["u8"] = new(TensorElementType.UInt8, 8, null),
        ["i4"] = new(TensorElementType.Int8, 4, static data => Unpack(data, 2, static (v, place) => (byte)((sbyte)(v << (place == 0 ? 4 : 0)) >> 4))),
        ["u4"] = new(TensorElementType.UInt8, 4, static data => Unpack(data, 2, static (v, place) => (byte)(place == 0 ? v & 15 : v >> 4))),
        ["u1"] = new(TensorElementType.UInt8, 1, static data => Unpack(data, 8, static (v, place) => (byte)((v >> (7 - place)) & 1))),
        ["boolean"] = new(TensorElementType.Boolean, 8, static data => Widen<byte, byte>(data, static v => v == 0 ? (byte)0 : (byte)1)),
    };

    static IrElementTypes()
    {
        foreach (int bits in new[] { 16, 32, 64 })
            Types[$"FP{bits}"] = Types[$"f{bits}"];
        Types["bool"] = Types["boolean"];
        Types["bin"] = Types["u1"];
    }

    /// <summary>The type that we compute in.</summary>
    public static TensorElementType Parse(string name) => Find(name).ElementType;

    /// <summary>Bytes that so many elements take in the file.</summary>
    public static long StorageSize(string name, long count) => checked((count * Find(name).Bits) + 7) / 8;

    /// <summary>How many elements stand in so many bytes.</summary>
    public static long ElementCount(string name, long bytes) => checked(bytes * 8) / Find(name).Bits;

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

    /// <summary>Bytes that hold several elements each, from the place that comes first.</summary>
    private static byte[] Unpack(byte[] data, int perByte, Func<byte, int, byte> element)
    {
        var result = new byte[checked(data.Length * perByte)];
        for (int i = 0; i < result.Length; i++)
            result[i] = element(data[i / perByte], i % perByte);
        return result;
    }

    private sealed record Storage(TensorElementType ElementType, int Bits, Func<byte[], byte[]>? Convert);
}
