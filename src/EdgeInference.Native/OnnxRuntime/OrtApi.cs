using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>A loaded ONNX Runtime library. It stays loaded until the process ends, and so does its table.</summary>
internal sealed unsafe class OrtApi(OrtApiTable* table, string version, string path)
{
    public OrtApiTable* Table { get; } = table;

    /// <summary>The library's own version, such as 1.30.0.</summary>
    public string Version { get; } = version;

    /// <summary>The file, or its name where the system's search path has it.</summary>
    public string Path { get; } = path;

    /// <summary>Frees a status that <paramref name="call"/> returned.</summary>
    /// <exception cref="InferenceException">The status is a failure: the message has the call, the code and the reason.</exception>
    public void Check(nint status, string call)
    {
        if (status == 0)
            return;
        try
        {
            string? reason = Marshal.PtrToStringUTF8((nint)Table->GetErrorMessage(status));
            throw new InferenceException($"ONNX Runtime: {call} failed ({Table->GetErrorCode(status)}): {reason}");
        }
        finally
        {
            Table->ReleaseStatus(status);
        }
    }
}
