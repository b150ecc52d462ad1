using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>Every processor: Arm64's NEON and x64 up to SSE4.2; plain code where there is neither.</summary>
internal readonly struct Simd128 : ISimd
{
    public static int Step => Vector128<short>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToRgb(ref byte y, ref byte u, ref byte v, in YuvToRgb matrix, ref byte red, ref byte green, ref byte blue)
    {
        Vector128<short> luma = Term(LoadEight(ref y), matrix.Black, matrix.Luma);
        Vector128<short> us = TwiceWide(ref u);
        Vector128<short> vs = TwiceWide(ref v);
        Store(luma + Term(vs, YuvToRgb.Gray, matrix.RedOfV), ref red);
        Store(luma + Term(us, YuvToRgb.Gray, matrix.GreenOfU) + Term(vs, YuvToRgb.Gray, matrix.GreenOfV), ref green);
        Store(luma + Term(us, YuvToRgb.Gray, matrix.BlueOfU), ref blue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToGray(ref byte y, in YuvToRgb matrix, ref byte gray) =>
        Store(Term(LoadEight(ref y), matrix.Black, matrix.Luma), ref gray);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather<TDensity>(ref byte row, GatherTables tables, nuint target, ref short destination)
        where TDensity : IDensity =>
        Vector128.Narrow(Dot<TDensity>(ref row, tables, target) >> 4, Dot<TDensity>(ref row, tables, target + 4) >> 4).StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blend(ref short first, ref short second, BlendWeights weights, ref float destination)
    {
        Vector128<short> sum = MultiplyHigh(Vector128.LoadUnsafe(ref first), Vector128.Create(weights.First))
            + MultiplyHigh(Vector128.LoadUnsafe(ref second), Vector128.Create(weights.Second));
        Vector128<short> level = (sum + Vector128.Create((short)2)) >> 2;
        var scale = Vector128.Create(weights.Scale);
        var offset = Vector128.Create(weights.Offset);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(Vector128.WidenLower(level)), scale, offset).StoreUnsafe(ref destination);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(Vector128.WidenUpper(level)), scale, offset).StoreUnsafe(ref destination, 4);
    }

    /// <summary>Eight samples, each twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Twice(ref byte samples) =>
        Vector128.ShuffleNative(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref samples)).AsByte(),
            Vector128.Create((byte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));

    /// <summary>Four pairs from four starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Sparse(ref byte row, GatherTables tables, nuint target)
    {
        ref int start = ref Unsafe.Add(ref tables.Starts, target);
        Vector128<byte> pairs = Vector128.Create(
            LoadPair(ref row, start),
            LoadPair(ref row, Unsafe.Add(ref start, 1)),
            LoadPair(ref row, Unsafe.Add(ref start, 2)),
            LoadPair(ref row, Unsafe.Add(ref start, 3))).AsByte();
        return Vector128.ShuffleNative(pairs, Vector128.Create((byte)0, 255, 1, 255, 4, 255, 5, 255, 8, 255, 9, 255, 12, 255, 13, 255)).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LoadPair(ref byte row, int start) => Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref row, start));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> LoadEight(ref byte samples) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref samples)).AsByte()).AsInt16();

    /// <summary>Four samples, each twice, as 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> TwiceWide(ref byte samples) =>
        Vector128.ShuffleNative(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref samples)).AsByte(),
            Vector128.Create((byte)0, 255, 0, 255, 1, 255, 1, 255, 2, 255, 2, 255, 3, 255, 3, 255)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Term(Vector128<short> samples, short black, short factor) =>
        MultiplyHigh((samples - Vector128.Create(black)) << YuvToRgb.SampleShift, Vector128.Create(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<short> levels, ref byte destination)
    {
        Vector128<byte> clipped = Sse2.IsSupported
            ? Sse2.PackUnsignedSaturate(levels, levels)
            : Vector128.NarrowWithSaturation(Vector128.Max(levels, Vector128<short>.Zero).AsUInt16(), Vector128<ushort>.Zero);
        Unsafe.WriteUnaligned(ref destination, clipped.AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Dot<TDensity>(ref byte row, GatherTables tables, nuint target)
        where TDensity : IDensity
    {
        Vector128<short> pairs = typeof(TDensity) == typeof(Dense) ? Dense(ref row, tables, target) : Sparse(ref row, tables, target);
        return DotPairs(pairs, Vector128.LoadUnsafe(ref tables.Weights, 2 * target));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Dense(ref byte row, GatherTables tables, nuint target)
    {
        int start = Unsafe.Add(ref tables.Starts, target / RowGather.GroupSize);
        return Vector128.ShuffleNative(Vector128.LoadUnsafe(ref row, (nuint)start), Vector128.LoadUnsafe(ref tables.Shuffle, 4 * target)).AsInt16();
    }

    /// <summary>(left * right) >> 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> MultiplyHigh(Vector128<short> left, Vector128<short> right)
    {
        if (Sse2.IsSupported)
            return Sse2.MultiplyHigh(left, right);
        return Vector128.Narrow(
            (Vector128.WidenLower(left) * Vector128.WidenLower(right)) >> 16,
            (Vector128.WidenUpper(left) * Vector128.WidenUpper(right)) >> 16);
    }

    /// <summary>The sums of the products of neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> DotPairs(Vector128<short> left, Vector128<short> right)
    {
        if (Sse2.IsSupported)
            return Sse2.MultiplyAddAdjacent(left, right);
        Vector128<int> even = ((left.AsInt32() << 16) >> 16) * ((right.AsInt32() << 16) >> 16);
        Vector128<int> odd = (left.AsInt32() >> 16) * (right.AsInt32() >> 16);
        return even + odd;
    }
}
