using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// The two passes that make a row of the tensor: source rows are blended vertically into 16-bit rows, which are then
/// resampled horizontally, colour-converted, normalised and clipped in registers.
/// </summary>
internal static class RowPasses<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : struct
{
    /// <summary>Blends two rows of a plane into <paramref name="destination"/>, sample by sample.</summary>
    public static void Blend(ReadOnlySpan<byte> plane, int width, BilinearTap tap, Span<short> destination)
    {
        ReadOnlySpan<byte> first = plane.Slice(tap.First * width, width);
        ReadOnlySpan<byte> second = plane.Slice(tap.Second * width, width);
        short weight = (short)Math.Min(Math.Round(tap.Weight * (1 << 15)), short.MaxValue);
        int step = 2 * TSimd.Width;
        int last = width - step;
        if (last < 0)
        {
            BlendShort(first, second, weight, destination);
            return;
        }

        ref byte a = ref MemoryMarshal.GetReference(first);
        ref byte b = ref MemoryMarshal.GetReference(second);
        ref short result = ref MemoryMarshal.GetReference(destination[..width]);
        for (int x = 0; x < last; x += step)
            TSimd.Blend(ref Unsafe.Add(ref a, x), ref Unsafe.Add(ref b, x), weight, ref Unsafe.Add(ref result, x));
        TSimd.Blend(ref Unsafe.Add(ref a, last), ref Unsafe.Add(ref b, last), weight, ref Unsafe.Add(ref result, last));
    }

    /// <summary>
    /// Makes a row of the tensor from the blended rows. Whole vectors are written: up to the next multiple of
    /// <see cref="RowGather.WidestVector"/>. The first channel goes to <paramref name="destination"/>, the others follow
    /// at <paramref name="channelStride"/>.
    /// </summary>
    public static void Convert(RowBuffers rows, ChannelTransform[] channels, int width, ref float destination, int channelStride)
    {
        bool isLumaDense = rows.LumaGather.IsDense;
        bool isChromaDense = rows.ChromaGather.IsDense;
        switch (channels.Length, isLumaDense, isChromaDense)
        {
            case (1, true, _):
                ToGray<Dense>(rows, channels[0], width, ref destination);
                break;
            case (1, false, _):
                ToGray<Sparse>(rows, channels[0], width, ref destination);
                break;
            case (_, true, _):
                ToColor<Dense, Dense>(rows, channels, width, ref destination, channelStride);
                break;
            case (_, false, true):
                ToColor<Sparse, Dense>(rows, channels, width, ref destination, channelStride);
                break;
            default:
                ToColor<Sparse, Sparse>(rows, channels, width, ref destination, channelStride);
                break;
        }
    }

    private static void ToColor<TLuma, TChroma>(RowBuffers rows, ChannelTransform[] channels, int width, ref float destination, int channelStride)
        where TLuma : IDensity
        where TChroma : IDensity
    {
        ref short lumaRow = ref MemoryMarshal.GetArrayDataReference(rows.Luma);
        ref short uRow = ref MemoryMarshal.GetArrayDataReference(rows.U);
        ref short vRow = ref MemoryMarshal.GetArrayDataReference(rows.V);
        var lumaGather = new GatherTables(rows.LumaGather);
        var chromaGather = new GatherTables(rows.ChromaGather);
        var matrix0 = new Matrix(channels[0]);
        var matrix1 = new Matrix(channels[1]);
        var matrix2 = new Matrix(channels[2]);
        var limits0 = new Limits(channels[0]);
        var limits1 = new Limits(channels[1]);
        var limits2 = new Limits(channels[2]);
        ref float destination1 = ref Unsafe.Add(ref destination, channelStride);
        ref float destination2 = ref Unsafe.Add(ref destination1, channelStride);
        for (nuint x = 0; x < (nuint)width; x += (nuint)TSimd.Width)
        {
            TVector luma = TSimd.Gather<TLuma>(ref lumaRow, lumaGather, x);
            TVector u = TSimd.Gather<TChroma>(ref uRow, chromaGather, x);
            TVector v = TSimd.Gather<TChroma>(ref vRow, chromaGather, x);
            TSimd.Store(limits0.Clamp(matrix0.Apply(luma, u, v)), ref Unsafe.Add(ref destination, x));
            TSimd.Store(limits1.Clamp(matrix1.Apply(luma, u, v)), ref Unsafe.Add(ref destination1, x));
            TSimd.Store(limits2.Clamp(matrix2.Apply(luma, u, v)), ref Unsafe.Add(ref destination2, x));
        }
    }

    private static void ToGray<TLuma>(RowBuffers rows, ChannelTransform channel, int width, ref float destination)
        where TLuma : IDensity
    {
        ref short lumaRow = ref MemoryMarshal.GetArrayDataReference(rows.Luma);
        var gather = new GatherTables(rows.LumaGather);
        var matrix = new Matrix(channel);
        var limits = new Limits(channel);
        for (nuint x = 0; x < (nuint)width; x += (nuint)TSimd.Width)
            TSimd.Store(limits.Clamp(matrix.Apply(TSimd.Gather<TLuma>(ref lumaRow, gather, x))), ref Unsafe.Add(ref destination, x));
    }

    private static void BlendShort(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, short weight, Span<short> destination)
    {
        for (int x = 0; x < first.Length; x++)
            destination[x] = (short)(((first[x] << 15) + ((second[x] - first[x]) * weight) + (1 << 7)) >> 8);
    }

    // Two structs, because the JIT keeps only those of up to four fields in registers.
    private readonly struct Matrix
    {
        private readonly TVector _luma;
        private readonly TVector _u;
        private readonly TVector _v;
        private readonly TVector _offset;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Matrix(in ChannelTransform channel)
        {
            _luma = TSimd.Broadcast(channel.Luma);
            _u = TSimd.Broadcast(channel.U);
            _v = TSimd.Broadcast(channel.V);
            _offset = TSimd.Broadcast(channel.Offset);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Apply(TVector luma, TVector u, TVector v) =>
            TSimd.MultiplyAdd(luma, _luma, TSimd.MultiplyAdd(u, _u, TSimd.MultiplyAdd(v, _v, _offset)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Apply(TVector luma) => TSimd.MultiplyAdd(luma, _luma, _offset);
    }

    private readonly struct Limits
    {
        private readonly TVector _min;
        private readonly TVector _max;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Limits(in ChannelTransform channel)
        {
            _min = TSimd.Broadcast(channel.Min);
            _max = TSimd.Broadcast(channel.Max);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Clamp(TVector value) => TSimd.Clamp(value, _min, _max);
    }
}
