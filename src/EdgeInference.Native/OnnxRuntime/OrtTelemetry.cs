using System.Runtime.InteropServices;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>
/// Stock builds of ONNX Runtime for Linux (1.30 does) send usage data to Microsoft: they leave a device identifier and
/// a database in the user's cache folder, and start threads for it. This service sends only what it is configured to.
/// </summary>
internal static partial class OrtTelemetry
{
    /// <summary>To be called before the library is loaded, which reads the variable when it starts.</summary>
    public static void SwitchOff() => _ = SetVariable("ORT_DISABLE_TELEMETRY", "1", overwrite: 1);

    // The C library's own: native code does not see what .NET changes in its copy of the environment.
    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
