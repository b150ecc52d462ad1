using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>AVX2 with FMA.</summary>
internal readonly struct Simd256 : ISimd<Vector256<float>>
{
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    public static int Width => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Gather<TDensity>(ref short row, GatherTables tables, nuint target)
        where TDensity : IDensity
    {
        Vector256<short> pairs = typeof(TDensity) == typeof(Dense) ? Dense(ref row, tables, target) : Sparse(ref row, tables, target);
        var weights = Vector256.LoadUnsafe(ref tables.Weights, 2 * target);
        return Vector256.ConvertToSingle(Avx2.MultiplyAddAdjacent(pairs, weights));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> addend) =>
        Vector256.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Clamp(Vector256<float> value, Vector256<float> min, Vector256<float> max) =>
        Vector256.ClampNative(value, min, max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, ref float destination) => value.StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blend(ref byte first, ref byte second, short weight, ref short destination)
    {
        Vector256<short> a = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref first));
        Vector256<short> b = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref second));
        Vector256<short> step = Avx2.MultiplyHighRoundScale((b - a) << 7, Vector256.Create(weight));
        ((a << 7) + step).StoreUnsafe(ref destination);
    }

    /// <summary>Eight samples from each of two starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> LoadTwo(ref short row, ref int start) =>
        Vector256.Create(
            Vector128.LoadUnsafe(ref row, (nuint)start),
            Vector128.LoadUnsafe(ref row, (nuint)Unsafe.Add(ref start, 1)));

    /// <summary>Eight pairs from eight starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Sparse(ref short row, GatherTables tables, nuint target) =>
        Vector256.Create(
            Simd128.Sparse(ref row, tables, target),
            Simd128.Sparse(ref row, tables, target + (nuint)Simd128.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Dense(ref short row, GatherTables tables, nuint target)
    {
        ref int start = ref Unsafe.Add(ref tables.Starts, target / RowGather.GroupSize);
        var shuffle = Vector256.LoadUnsafe(ref tables.Shuffle, 4 * target);
        return Avx2.Shuffle(LoadTwo(ref row, ref start).AsByte(), shuffle).AsInt16();
    }
}
