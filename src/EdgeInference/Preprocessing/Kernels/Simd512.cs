using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>AVX-512 (F, BW).</summary>
internal readonly struct Simd512 : ISimd<Vector512<float>>
{
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    public static int Width => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gather<TDensity>(ref short row, GatherTables tables, nuint target)
        where TDensity : IDensity
    {
        Vector512<short> pairs = typeof(TDensity) == typeof(Dense)
            ? Dense(ref row, tables, target)
            : Simd256.Sparse(ref row, tables, target).ToVector512Unsafe()
                .WithUpper(Simd256.Sparse(ref row, tables, target + (nuint)Simd256.Width));
        var weights = Vector512.LoadUnsafe(ref tables.Weights, 2 * target);
        return Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(pairs, weights));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Vector512.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Clamp(Vector512<float> value, Vector512<float> min, Vector512<float> max) =>
        Vector512.ClampNative(value, min, max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, ref float destination) => value.StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blend(ref byte first, ref byte second, short weight, ref short destination)
    {
        Vector512<short> a = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref first));
        Vector512<short> b = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref second));
        Vector512<short> step = Avx512BW.MultiplyHighRoundScale((b - a) << 7, Vector512.Create(weight));
        ((a << 7) + step).StoreUnsafe(ref destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Dense(ref short row, GatherTables tables, nuint target)
    {
        ref int start = ref Unsafe.Add(ref tables.Starts, target / RowGather.GroupSize);
        Vector256<short> lower = Simd256.LoadTwo(ref row, ref start);
        Vector256<short> upper = Simd256.LoadTwo(ref row, ref Unsafe.Add(ref start, 2));
        var shuffle = Vector512.LoadUnsafe(ref tables.Shuffle, 4 * target);
        return Avx512BW.Shuffle(lower.ToVector512Unsafe().WithUpper(upper).AsByte(), shuffle).AsInt16();
    }
}
