using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>The passes over a row that the kernel is made of, each over whole vectors of <typeparamref name="TSimd"/>.</summary>
internal static class RowPasses<TSimd>
    where TSimd : ISimd
{
    /// <summary>Converts a row of the frame; a sample of <paramref name="u"/> and <paramref name="v"/> serves two pixels.</summary>
    public static void ToRgb(
        ReadOnlySpan<byte> y, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, YuvToRgb matrix, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        ref byte yRow = ref MemoryMarshal.GetReference(y);
        ref byte uRow = ref MemoryMarshal.GetReference(u[..((y.Length + 1) / 2)]);
        ref byte vRow = ref MemoryMarshal.GetReference(v[..((y.Length + 1) / 2)]);
        ref byte redRow = ref MemoryMarshal.GetReference(red[..y.Length]);
        ref byte greenRow = ref MemoryMarshal.GetReference(green[..y.Length]);
        ref byte blueRow = ref MemoryMarshal.GetReference(blue[..y.Length]);
        int x = 0;
        for (; x <= y.Length - TSimd.Step; x += TSimd.Step)
        {
            TSimd.ToRgb(
                ref Unsafe.Add(ref yRow, x),
                ref Unsafe.Add(ref uRow, x / 2),
                ref Unsafe.Add(ref vRow, x / 2),
                matrix,
                ref Unsafe.Add(ref redRow, x),
                ref Unsafe.Add(ref greenRow, x),
                ref Unsafe.Add(ref blueRow, x));
        }

        for (; x < y.Length; x++)
        {
            int luma = YuvToRgb.Term(y[x], matrix.Black, matrix.Luma);
            byte uOfX = u[x / 2];
            byte vOfX = v[x / 2];
            red[x] = Clip(luma + YuvToRgb.Term(vOfX, YuvToRgb.Gray, matrix.RedOfV));
            green[x] = Clip(luma + YuvToRgb.Term(uOfX, YuvToRgb.Gray, matrix.GreenOfU) + YuvToRgb.Term(vOfX, YuvToRgb.Gray, matrix.GreenOfV));
            blue[x] = Clip(luma + YuvToRgb.Term(uOfX, YuvToRgb.Gray, matrix.BlueOfU));
        }
    }

    /// <summary>Converts a row of luma alone.</summary>
    public static void ToGray(ReadOnlySpan<byte> y, YuvToRgb matrix, Span<byte> gray)
    {
        ref byte yRow = ref MemoryMarshal.GetReference(y);
        ref byte grayRow = ref MemoryMarshal.GetReference(gray[..y.Length]);
        int x = 0;
        for (; x <= y.Length - TSimd.Step; x += TSimd.Step)
            TSimd.ToGray(ref Unsafe.Add(ref yRow, x), matrix, ref Unsafe.Add(ref grayRow, x));
        for (; x < y.Length; x++)
            gray[x] = Clip(YuvToRgb.Term(y[x], matrix.Black, matrix.Luma));
    }

    /// <summary>Resamples a row of levels, padded by <see cref="RowGather.SourcePadding"/>, to <paramref name="destination"/>'s length.</summary>
    public static void Gather(byte[] row, RowGather gather, short[] destination)
    {
        if (gather.IsDense)
            Gather<Dense>(row, gather, destination);
        else
            Gather<Sparse>(row, gather, destination);
    }

    /// <summary>Blends two resampled rows into a row of the tensor: as many samples as they have, padding included.</summary>
    public static void Blend(short[] first, short[] second, BlendWeights weights, ref float destination)
    {
        ref short firstRow = ref MemoryMarshal.GetArrayDataReference(first);
        ref short secondRow = ref MemoryMarshal.GetArrayDataReference(second);
        for (int x = 0; x < first.Length; x += TSimd.Step)
            TSimd.Blend(ref Unsafe.Add(ref firstRow, x), ref Unsafe.Add(ref secondRow, x), weights, ref Unsafe.Add(ref destination, x));
    }

    private static void Gather<TDensity>(byte[] row, RowGather gather, short[] destination)
        where TDensity : IDensity
    {
        ref byte source = ref MemoryMarshal.GetArrayDataReference(row);
        ref short target = ref MemoryMarshal.GetArrayDataReference(destination);
        var tables = new GatherTables(gather);
        for (nuint x = 0; x < (nuint)destination.Length; x += (nuint)TSimd.Step)
            TSimd.Gather<TDensity>(ref source, tables, x, ref Unsafe.Add(ref target, x));
    }

    private static byte Clip(int level) => (byte)Math.Clamp(level, 0, 255);
}
