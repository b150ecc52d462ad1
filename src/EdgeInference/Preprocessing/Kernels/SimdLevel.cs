namespace EdgeInference.Preprocessing.Kernels;

/// <summary>The vector width that the kernels run with.</summary>
internal enum SimdLevel
{
    Vector128,
    Vector256,
    Vector512,
}

internal static class SimdLevels
{
    /// <summary>The widest that this processor has.</summary>
    public static SimdLevel Best =>
        Simd512.IsSupported ? SimdLevel.Vector512 : Simd256.IsSupported ? SimdLevel.Vector256 : SimdLevel.Vector128;
}
