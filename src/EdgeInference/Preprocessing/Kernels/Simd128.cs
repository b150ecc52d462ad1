using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>Every processor: Arm64's NEON and x64 up to SSE4.2; plain code where there is neither.</summary>
internal readonly struct Simd128 : ISimd<Vector128<float>>
{
    public static int Width => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Gather<TDensity>(ref short row, GatherTables tables, nuint target)
        where TDensity : IDensity
    {
        Vector128<short> pairs = typeof(TDensity) == typeof(Dense) ? Dense(ref row, tables, target) : Sparse(ref row, tables, target);
        var weights = Vector128.LoadUnsafe(ref tables.Weights, 2 * target);
        return Vector128.ConvertToSingle(DotPairs(pairs, weights));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) =>
        Vector128.MultiplyAddEstimate(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Clamp(Vector128<float> value, Vector128<float> min, Vector128<float> max) =>
        Vector128.ClampNative(value, min, max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, ref float destination) => value.StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blend(ref byte first, ref byte second, short weight, ref short destination)
    {
        Vector128<short> a = LoadEight(ref first);
        Vector128<short> b = LoadEight(ref second);
        ((a << 7) + MultiplyHighRound((b - a) << 7, Vector128.Create(weight))).StoreUnsafe(ref destination);
    }

    /// <summary>Four pairs from four starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Sparse(ref short row, GatherTables tables, nuint target)
    {
        ref int start = ref Unsafe.Add(ref tables.Starts, target);
        return Vector128.Create(
            LoadPair(ref row, start),
            LoadPair(ref row, Unsafe.Add(ref start, 1)),
            LoadPair(ref row, Unsafe.Add(ref start, 2)),
            LoadPair(ref row, Unsafe.Add(ref start, 3))).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Dense(ref short row, GatherTables tables, nuint target)
    {
        int start = Unsafe.Add(ref tables.Starts, target / RowGather.GroupSize);
        var shuffle = Vector128.LoadUnsafe(ref tables.Shuffle, 4 * target);
        return Vector128.ShuffleNative(Vector128.LoadUnsafe(ref row, (nuint)start).AsByte(), shuffle).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LoadPair(ref short row, int start) =>
        Unsafe.ReadUnaligned<int>(ref Unsafe.As<short, byte>(ref Unsafe.Add(ref row, start)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> LoadEight(ref byte source) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref source)).AsByte()).AsInt16();

    /// <summary>(left * right) / 2^15, rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> MultiplyHighRound(Vector128<short> left, Vector128<short> right)
    {
        if (Ssse3.IsSupported)
            return Ssse3.MultiplyHighRoundScale(left, right);
        var half = Vector128.Create(1 << 14);
        return Vector128.Narrow(
            ((Vector128.WidenLower(left) * Vector128.WidenLower(right)) + half) >> 15,
            ((Vector128.WidenUpper(left) * Vector128.WidenUpper(right)) + half) >> 15);
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
