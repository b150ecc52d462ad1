using System.Runtime.InteropServices;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>
/// The floating point environment of the calling thread, where the processor keeps whether numbers too small for the
/// normal format count as zero: arithmetic on them is some hundred times slower.
/// </summary>
internal static unsafe partial class Denormals
{
    // MXCSR, flush-to-zero (bit 15) and denormals-are-zero (bit 6); last field of glibc's fenv_t on x64.
    private const int MxcsrIndex = 7;
    private const uint MxcsrFlush = 0x8040;

    // FPCR, flush-to-zero (bit 24); first field of glibc's fenv_t on arm64.
    private const int FpcrIndex = 0;
    private const uint FpcrFlush = 1 << 24;

    /// <summary>Makes the calling thread treat them as zero from here on.</summary>
    public static void FlushOnThisThread()
    {
        FloatingPointEnvironment environment = Save();
        switch (RuntimeInformation.ProcessArchitecture)
        {
            case Architecture.X64:
                environment.Words[MxcsrIndex] |= MxcsrFlush;
                break;
            case Architecture.Arm64:
                environment.Words[FpcrIndex] |= FpcrFlush;
                break;
        }

        Restore(environment);
    }

    public static FloatingPointEnvironment Save()
    {
        FloatingPointEnvironment environment = default;
        _ = GetEnvironment(&environment);
        return environment;
    }

    public static void Restore(FloatingPointEnvironment environment) => _ = SetEnvironment(&environment);

    [LibraryImport("libm.so.6", EntryPoint = "fegetenv")]
    private static partial int GetEnvironment(FloatingPointEnvironment* environment);

    [LibraryImport("libm.so.6", EntryPoint = "fesetenv")]
    private static partial int SetEnvironment(FloatingPointEnvironment* environment);

    /// <summary>fenv_t of glibc: 32 bytes on x64, 8 on arm64.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FloatingPointEnvironment
    {
        public fixed uint Words[8];
    }
}
