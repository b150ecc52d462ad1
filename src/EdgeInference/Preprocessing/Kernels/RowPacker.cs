using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>Brings planar rows of floats into another element type or layout.</summary>
internal static class RowPacker
{
    /// <summary>Rounds to the nearest integer, halves up, and saturates to 0..255.</summary>
    public static void ToBytes(ReadOnlySpan<float> source, Span<byte> destination)
    {
        ref float from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination[..source.Length]);
        int x = 0;
        for (; x <= source.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector128<ushort> lower = Vector128.Narrow(Round(ref from, x), Round(ref from, x + 4));
            Vector128<ushort> upper = Vector128.Narrow(Round(ref from, x + 8), Round(ref from, x + 12));
            Vector128.Narrow(lower, upper).StoreUnsafe(ref to, (nuint)x);
        }

        for (; x < source.Length; x++)
            destination[x] = (byte)Math.Clamp(source[x] + 0.5f, 0, byte.MaxValue);
    }

    /// <summary>Writes c0[0] c1[0] c2[0] c0[1] ...; the rows are equally long, the destination three times that.</summary>
    public static void Interleave<T>(ReadOnlySpan<T> channel0, ReadOnlySpan<T> channel1, ReadOnlySpan<T> channel2, Span<T> destination)
        where T : unmanaged
    {
        ref T c0 = ref MemoryMarshal.GetReference(channel0);
        ref T c1 = ref MemoryMarshal.GetReference(channel1[..channel0.Length]);
        ref T c2 = ref MemoryMarshal.GetReference(channel2[..channel0.Length]);
        ref T to = ref MemoryMarshal.GetReference(destination[..(3 * channel0.Length)]);
        Spread<T> part0 = Spread<T>.Part0;
        Spread<T> part1 = Spread<T>.Part1;
        Spread<T> part2 = Spread<T>.Part2;
        int step = Vector128<T>.Count;
        int x = 0;
        for (; x <= channel0.Length - step; x += step)
        {
            Vector128<byte> a = Vector128.LoadUnsafe(ref c0, (nuint)x).AsByte();
            Vector128<byte> b = Vector128.LoadUnsafe(ref c1, (nuint)x).AsByte();
            Vector128<byte> c = Vector128.LoadUnsafe(ref c2, (nuint)x).AsByte();
            ref T pixels = ref Unsafe.Add(ref to, 3 * x);
            part0.Merge(a, b, c).StoreUnsafe(ref pixels);
            part1.Merge(a, b, c).StoreUnsafe(ref pixels, (nuint)step);
            part2.Merge(a, b, c).StoreUnsafe(ref pixels, (nuint)(2 * step));
        }

        for (; x < channel0.Length; x++)
        {
            destination[3 * x] = channel0[x];
            destination[(3 * x) + 1] = channel1[x];
            destination[(3 * x) + 2] = channel2[x];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Round(ref float source, int index)
    {
        Vector128<float> level = Vector128.LoadUnsafe(ref source, (nuint)index) + Vector128.Create(0.5f);
        return Vector128.ConvertToInt32Native(Vector128.ClampNative(level, Vector128<float>.Zero, Vector128.Create(255f))).AsUInt32();
    }

    /// <summary>Where the elements of three channels go in one of the three vectors that they fill when interleaved.</summary>
    private readonly struct Spread<T>(Vector128<byte> channel0, Vector128<byte> channel1, Vector128<byte> channel2)
        where T : unmanaged
    {
        // Gives 0 on x64, where the top bit decides, as on Arm64, where any index out of range does.
        private const byte Nothing = 0xFF;

        public static readonly Spread<T> Part0 = Create(0);
        public static readonly Spread<T> Part1 = Create(1);
        public static readonly Spread<T> Part2 = Create(2);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<T> Merge(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
            (Vector128.ShuffleNative(a, channel0) | Vector128.ShuffleNative(b, channel1) | Vector128.ShuffleNative(c, channel2)).As<byte, T>();

        private static Spread<T> Create(int part) => new(Shuffle(part, 0), Shuffle(part, 1), Shuffle(part, 2));

        private static Vector128<byte> Shuffle(int part, int channel)
        {
            Span<byte> indices = stackalloc byte[Vector128<byte>.Count];
            int size = Unsafe.SizeOf<T>();
            for (int i = 0; i < indices.Length; i++)
            {
                int element = (part * Vector128<T>.Count) + (i / size);
                indices[i] = element % 3 == channel ? (byte)((element / 3 * size) + (i % size)) : Nothing;
            }

            return Vector128.Create((ReadOnlySpan<byte>)indices);
        }
    }
}
