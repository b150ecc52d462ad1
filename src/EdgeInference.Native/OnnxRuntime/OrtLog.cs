using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>Leads what ONNX Runtime would print to an <see cref="ILogger"/>.</summary>
internal static unsafe partial class OrtLog
{
    /// <summary>
    /// An OrtLoggingFunction. <paramref name="logger"/> is a <see cref="GCHandle{T}"/> of the logger; called on any
    /// thread of ONNX Runtime.
    /// </summary>
    [UnmanagedCallersOnly]
    public static void Write(nint logger, OrtLoggingLevel level, byte* category, byte* logId, byte* codeLocation, byte* message)
    {
        try
        {
            ILogger target = GCHandle<ILogger>.FromIntPtr(logger).Target;
            LogLevel targetLevel = LevelOf(level);
            string? text = Marshal.PtrToStringUTF8((nint)message);
            string? location = Marshal.PtrToStringUTF8((nint)codeLocation);
            Message(target, targetLevel, text, location);
        }
        catch
        {
            // An exception must not reach native code, and a log that fails has no other place to say so.
        }
    }

    // Its warnings speak to those who build models and runtimes; whoever runs the service cannot act on them.
    private static LogLevel LevelOf(OrtLoggingLevel level) => level switch
    {
        OrtLoggingLevel.Fatal => LogLevel.Critical,
        OrtLoggingLevel.Error => LogLevel.Error,
        OrtLoggingLevel.Warning => LogLevel.Debug,
        _ => LogLevel.Trace,
    };
}
