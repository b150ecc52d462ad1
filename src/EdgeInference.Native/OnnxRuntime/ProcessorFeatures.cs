using System.Runtime.InteropServices;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>The instructions that the processor has, which an optimised graph is made for.</summary>
internal static class ProcessorFeatures
{
    private const string File = "/proc/cpuinfo";

    /// <summary>A text that is the same on processors with the same instructions.</summary>
    public static string Read()
    {
        // "flags" on x64, "Features" on arm64; all cores have the same.
        string features = System.IO.File.Exists(File)
            ? System.IO.File.ReadLines(File).FirstOrDefault(static line =>
                line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal)) ?? ""
            : "";
        return $"{RuntimeInformation.ProcessArchitecture} {features}";
    }
}
