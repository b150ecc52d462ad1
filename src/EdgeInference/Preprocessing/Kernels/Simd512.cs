using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>AVX-512 (F, BW).</summary>
internal readonly struct Simd512 : ISimd
{
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    public static int Step => Vector512<short>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToRgb(ref byte y, ref byte u, ref byte v, in YuvToRgb matrix, ref byte red, ref byte green, ref byte blue)
    {
        Vector512<short> luma = Term(Vector256.LoadUnsafe(ref y), matrix.Black, matrix.Luma);
        Vector256<byte> us = Twice(ref u);
        Vector256<byte> vs = Twice(ref v);
        Store(luma + Term(vs, YuvToRgb.Gray, matrix.RedOfV), ref red);
        Store(luma + Term(us, YuvToRgb.Gray, matrix.GreenOfU) + Term(vs, YuvToRgb.Gray, matrix.GreenOfV), ref green);
        Store(luma + Term(us, YuvToRgb.Gray, matrix.BlueOfU), ref blue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToGray(ref byte y, in YuvToRgb matrix, ref byte gray) =>
        Store(Term(Vector256.LoadUnsafe(ref y), matrix.Black, matrix.Luma), ref gray);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather<TDensity>(ref byte row, GatherTables tables, nuint target, ref short destination)
        where TDensity : IDensity
    {
        Vector256<short> lower = Avx512F.ConvertToVector256Int16(Dot<TDensity>(ref row, tables, target) >> 4);
        Vector256<short> upper = Avx512F.ConvertToVector256Int16(Dot<TDensity>(ref row, tables, target + 16) >> 4);
        lower.StoreUnsafe(ref destination);
        upper.StoreUnsafe(ref destination, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blend(ref short first, ref short second, BlendWeights weights, ref float destination)
    {
        Vector512<short> sum = Avx512BW.MultiplyHigh(Vector512.LoadUnsafe(ref first), Vector512.Create(weights.First))
            + Avx512BW.MultiplyHigh(Vector512.LoadUnsafe(ref second), Vector512.Create(weights.Second));
        Vector512<short> level = (sum + Vector512.Create((short)2)) >> 2;
        var scale = Vector512.Create(weights.Scale);
        var offset = Vector512.Create(weights.Offset);
        Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(level.GetLower())), scale, offset).StoreUnsafe(ref destination);
        Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(level.GetUpper())), scale, offset).StoreUnsafe(ref destination, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Term(Vector256<byte> samples, short black, short factor) =>
        Avx512BW.MultiplyHigh((Avx512BW.ConvertToVector512Int16(samples) - Vector512.Create(black)) << YuvToRgb.SampleShift, Vector512.Create(factor));

    /// <summary>Sixteen samples, each twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Twice(ref byte samples) =>
        Vector256.Create(Simd128.Twice(ref samples), Simd128.Twice(ref Unsafe.Add(ref samples, 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<short> levels, ref byte destination) =>
        Avx512BW.ConvertToVector256ByteWithSaturation(Vector512.Max(levels, Vector512<short>.Zero).AsUInt16()).StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Dot<TDensity>(ref byte row, GatherTables tables, nuint target)
        where TDensity : IDensity
    {
        Vector512<short> pairs = typeof(TDensity) == typeof(Dense)
            ? Dense(ref row, tables, target)
            : Simd256.Sparse(ref row, tables, target).ToVector512Unsafe().WithUpper(Simd256.Sparse(ref row, tables, target + 8));
        return Avx512BW.MultiplyAddAdjacent(pairs, Vector512.LoadUnsafe(ref tables.Weights, 2 * target));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Dense(ref byte row, GatherTables tables, nuint target)
    {
        ref int start = ref Unsafe.Add(ref tables.Starts, target / RowGather.GroupSize);
        Vector256<byte> lower = Simd256.LoadTwo(ref row, ref start);
        Vector256<byte> upper = Simd256.LoadTwo(ref row, ref Unsafe.Add(ref start, 2));
        var shuffle = Vector512.LoadUnsafe(ref tables.Shuffle, 4 * target);
        return Avx512BW.Shuffle(lower.ToVector512Unsafe().WithUpper(upper), shuffle).AsInt16();
    }
}
