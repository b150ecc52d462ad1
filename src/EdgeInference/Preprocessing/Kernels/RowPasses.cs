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
        if (channels.Length == 1)
            ToGray(rows, channels[0], width, ref destination);
        else
            ToColor(rows, channels, width, ref destination, channelStride);
    }

    private static void ToColor(RowBuffers rows, ChannelTransform[] channels, int width, ref float destination, int channelStride)
    {
        ref short lumaRow = ref MemoryMarshal.GetArrayDataReference(rows.Luma);
        ref short uRow = ref MemoryMarshal.GetArrayDataReference(rows.U);
        ref short vRow = ref MemoryMarshal.GetArrayDataReference(rows.V);
        RowGather lumaGather = rows.LumaGather;
        RowGather chromaGather = rows.ChromaGather;
        var channel0 = new Registers(channels[0]);
        var channel1 = new Registers(channels[1]);
        var channel2 = new Registers(channels[2]);
        ref float destination1 = ref Unsafe.Add(ref destination, channelStride);
        ref float destination2 = ref Unsafe.Add(ref destination1, channelStride);
        for (int x = 0; x < width; x += TSimd.Width)
        {
            TVector luma = TSimd.Gather(ref lumaRow, lumaGather, x);
            TVector u = TSimd.Gather(ref uRow, chromaGather, x);
            TVector v = TSimd.Gather(ref vRow, chromaGather, x);
            TSimd.Store(channel0.Apply(luma, u, v), ref Unsafe.Add(ref destination, x));
            TSimd.Store(channel1.Apply(luma, u, v), ref Unsafe.Add(ref destination1, x));
            TSimd.Store(channel2.Apply(luma, u, v), ref Unsafe.Add(ref destination2, x));
        }
    }

    private static void ToGray(RowBuffers rows, ChannelTransform channel, int width, ref float destination)
    {
        ref short lumaRow = ref MemoryMarshal.GetArrayDataReference(rows.Luma);
        RowGather gather = rows.LumaGather;
        var registers = new Registers(channel);
        for (int x = 0; x < width; x += TSimd.Width)
            TSimd.Store(registers.Apply(TSimd.Gather(ref lumaRow, gather, x)), ref Unsafe.Add(ref destination, x));
    }

    private static void BlendShort(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, short weight, Span<short> destination)
    {
        for (int x = 0; x < first.Length; x++)
            destination[x] = (short)(((first[x] << 15) + ((second[x] - first[x]) * weight) + (1 << 7)) >> 8);
    }

    /// <summary>A <see cref="ChannelTransform"/> with each number in all lanes.</summary>
    private readonly struct Registers(ChannelTransform channel)
    {
        private readonly TVector _luma = TSimd.Broadcast(channel.Luma);
        private readonly TVector _u = TSimd.Broadcast(channel.U);
        private readonly TVector _v = TSimd.Broadcast(channel.V);
        private readonly TVector _offset = TSimd.Broadcast(channel.Offset);
        private readonly TVector _min = TSimd.Broadcast(channel.Min);
        private readonly TVector _max = TSimd.Broadcast(channel.Max);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Apply(TVector luma, TVector u, TVector v) =>
            TSimd.Clamp(TSimd.MultiplyAdd(luma, _luma, TSimd.MultiplyAdd(u, _u, TSimd.MultiplyAdd(v, _v, _offset))), _min, _max);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Apply(TVector luma) => TSimd.Clamp(TSimd.MultiplyAdd(luma, _luma, _offset), _min, _max);
    }
}
