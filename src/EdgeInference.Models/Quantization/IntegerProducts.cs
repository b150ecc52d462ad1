using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeInference.Models.Quantization;

/// <summary>What this processor makes of products of bytes.</summary>
internal static class IntegerProducts
{
    private const int Features = 7;
    private const int Avx512Vnni = 1 << 11;
    private const int AvxVnni = 1 << 4;

    /// <summary>
    /// Whether it multiplies four pairs of bytes and adds them up in 32 bits with one instruction. Processors of x86 without
    /// it add pairs of products in 16 bits, which saturates and is no faster than float; Arm ones have to widen first.
    /// </summary>
    public static bool AreExact { get; } = Dp.IsSupported || (X86Base.IsSupported && HasVnni());

    private static bool HasVnni()
    {
        if (X86Base.CpuId(0, 0).Eax < Features)
            return false;
        return (Avx512BW.IsSupported && (X86Base.CpuId(Features, 0).Ecx & Avx512Vnni) != 0)
            || (Avx2.IsSupported && X86Base.CpuId(Features, 0).Eax >= 1 && (X86Base.CpuId(Features, 1).Eax & AvxVnni) != 0);
    }
}
