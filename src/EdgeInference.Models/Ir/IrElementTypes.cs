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
        ["f16"] = new(TensorElementType.Float32, 16, static (from, to) => Widen<Half, float>(from, to, static v => (float)v)),
        ["bf16"] = new(TensorElementType.Float32, 16, static (from, to) => Widen<ushort, float>(from, to, static v => BitConverter.UInt32BitsToSingle((uint)v << 16))),
        ["f64"] = new(TensorElementType.Float32, 64, static (from, to) => Widen<double, float>(from, to, static v => (float)v)),
        ["i64"] = new(TensorElementType.Int64, 64, null),
        ["u64"] = new(TensorElementType.Int64, 64, static (from, to) => Widen<ulong, long>(from, to, static v => checked((long)v))),
        ["i32"] = new(TensorElementType.Int32, 32, null),
        ["u32"] = new(TensorElementType.Int64, 32, static (from, to) => Widen<uint, long>(from, to, static v => v)),
        ["i16"] = new(TensorElementType.Int16, 16, null),
        ["u16"] = new(TensorElementType.Int32, 16, static (from, to) => Widen<ushort, int>(from, to, static v => v)),
        ["i8"] = new(TensorElementType.Int8, 8, null),
        ["u8"] = new(TensorElementType.UInt8, 8, null),
        ["i4"] = new(TensorElementType.Int8, 4, static (from, to) => Unpack(from, to, 2, static (v, place) => (byte)((sbyte)(v << (place == 0 ? 4 : 0)) >> 4))),
        ["u4"] = new(TensorElementType.UInt8, 4, static (from, to) => Unpack(from, to, 2, static (v, place) => (byte)(place == 0 ? v & 15 : v >> 4))),
        ["u1"] = new(TensorElementType.UInt8, 1, static (from, to) => Unpack(from, to, 8, static (v, place) => (byte)((v >> (7 - place)) & 1))),
        ["boolean"] = new(TensorElementType.Boolean, 8, static (from, to) => Widen<byte, byte>(from, to, static v => v == 0 ? (byte)0 : (byte)1)),
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

    /// <summary>Turns elements as they stand in the file into those that we compute in; null where they are the same.</summary>
    public static Widening? Conversion(string name) => Find(name).Conversion;

    private static Storage Find(string name) =>
        Types.TryGetValue(name, out Storage? type) ? type : throw new LayerException($"element type '{name}' is not supported");

    private static void Widen<TFrom, TTo>(ReadOnlySpan<byte> from, Span<byte> to, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        ReadOnlySpan<TFrom> source = MemoryMarshal.Cast<byte, TFrom>(from);
        Span<TTo> target = MemoryMarshal.Cast<byte, TTo>(to);
        for (int i = 0; i < source.Length; i++)
            target[i] = convert(source[i]);
    }

    /// <summary>Bytes that hold several elements each, from the place that comes first.</summary>
    private static void Unpack(ReadOnlySpan<byte> from, Span<byte> to, int perByte, Func<byte, int, byte> element)
    {
        for (int i = 0; i < from.Length * perByte; i++)
            to[i] = element(from[i / perByte], i % perByte);
    }

    private sealed record Storage(TensorElementType ElementType, int Bits, Widening? Conversion);
}

/// <summary>Converts elements of one type to as many of another.</summary>
internal delegate void Widening(ReadOnlySpan<byte> from, Span<byte> to);
