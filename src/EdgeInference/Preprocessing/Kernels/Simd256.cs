using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>AVX2 with FMA.</summary>
internal readonly struct Simd256 : ISimd
{
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    public static int Step => Vector256<short>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToRgb(ref byte y, ref byte u, ref byte v, in YuvToRgb matrix, ref byte red, ref byte green, ref byte blue)
    {
        Vector256<short> luma = Term(Vector128.LoadUnsafe(ref y), matrix.Black, matrix.Luma);
        Vector128<byte> us = Simd128.Twice(ref u);
        Vector128<byte> vs = Simd128.Twice(ref v);
        Store(luma + Term(vs, YuvToRgb.Gray, matrix.RedOfV), ref red);
        Store(luma + Term(us, YuvToRgb.Gray, matrix.GreenOfU) + Term(vs, YuvToRgb.Gray, matrix.GreenOfV), ref green);
        Store(luma + Term(us, YuvToRgb.Gray, matrix.BlueOfU), ref blue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToGray(ref byte y, in YuvToRgb matrix, ref byte gray) =>
        Store(Term(Vector128.LoadUnsafe(ref y), matrix.Black, matrix.Luma), ref gray);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather<TDensity>(ref byte row, GatherTables tables, nuint target, ref short destination)
        where TDensity : IDensity =>
        Vector256.Narrow(Dot<TDensity>(ref row, tables, target) >> 4, Dot<TDensity>(ref row, tables, target + 8) >> 4).StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blend(ref short first, ref short second, BlendWeights weights, ref float destination)
    {
        Vector256<short> sum = Avx2.MultiplyHigh(Vector256.LoadUnsafe(ref first), Vector256.Create(weights.First))
            + Avx2.MultiplyHigh(Vector256.LoadUnsafe(ref second), Vector256.Create(weights.Second));
        Vector256<short> level = (sum + Vector256.Create((short)2)) >> 2;
        var scale = Vector256.Create(weights.Scale);
        var offset = Vector256.Create(weights.Offset);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(level.GetLower())), scale, offset).StoreUnsafe(ref destination);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(level.GetUpper())), scale, offset).StoreUnsafe(ref destination, 8);
    }

    /// <summary>Sixteen bytes from each of two starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadTwo(ref byte row, ref int start) =>
        Vector256.Create(Vector128.LoadUnsafe(ref row, (nuint)start), Vector128.LoadUnsafe(ref row, (nuint)Unsafe.Add(ref start, 1)));

    /// <summary>Eight pairs from eight starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Sparse(ref byte row, GatherTables tables, nuint target) =>
        Vector256.Create(Simd128.Sparse(ref row, tables, target), Simd128.Sparse(ref row, tables, target + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Term(Vector128<byte> samples, short black, short factor) =>
        Avx2.MultiplyHigh((Avx2.ConvertToVector256Int16(samples) - Vector256.Create(black)) << YuvToRgb.SampleShift, Vector256.Create(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> levels, ref byte destination) =>
        Sse2.PackUnsignedSaturate(levels.GetLower(), levels.GetUpper()).StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Dot<TDensity>(ref byte row, GatherTables tables, nuint target)
        where TDensity : IDensity
    {
        Vector256<short> pairs = typeof(TDensity) == typeof(Dense) ? Dense(ref row, tables, target) : Sparse(ref row, tables, target);
        return Avx2.MultiplyAddAdjacent(pairs, Vector256.LoadUnsafe(ref tables.Weights, 2 * target));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Dense(ref byte row, GatherTables tables, nuint target)
    {
        ref int start = ref Unsafe.Add(ref tables.Starts, target / RowGather.GroupSize);
        return Avx2.Shuffle(LoadTwo(ref row, ref start), Vector256.LoadUnsafe(ref tables.Shuffle, 4 * target)).AsInt16();
    }
}
