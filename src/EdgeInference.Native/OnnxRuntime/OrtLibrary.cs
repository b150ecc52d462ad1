using System.Runtime.InteropServices;
using System.Text;
using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>Finds and loads the ONNX Runtime library.</summary>
internal static unsafe class OrtLibrary
{
    /// <summary>Names the library's file where it is neither beside the program nor on the system's search path.</summary>
    public const string PathVariable = "EDGEINFERENCE_ONNXRUNTIME";

    private static readonly string[] s_fileNames = ["libonnxruntime.so.1", "libonnxruntime.so"];

    /// <summary>
    /// Loads the configured file and no other; where none is configured, the one beside the program, else the one on
    /// the system's search path.
    /// </summary>
    /// <exception cref="InferenceException">No library, or one that is too old; the message lists what was tried.</exception>
    public static OrtApi Load(string? configuredPath)
    {
        OrtTelemetry.SwitchOff();
        return LoadFirst(Candidates(configuredPath));
    }

    internal static IReadOnlyList<string> Candidates(string? configuredPath) =>
        configuredPath is { Length: > 0 }
            ? [configuredPath]
            : [.. s_fileNames.Select(static name => Path.Combine(AppContext.BaseDirectory, name)), .. s_fileNames];

    internal static OrtApi LoadFirst(IReadOnlyList<string> candidates)
    {
        StringBuilder tried = new();
        foreach (string candidate in candidates)
        {
            if (TryLoad(candidate, tried, out nint library))
                return Open(library, candidate);
        }

        throw new InferenceException($"ONNX Runtime could not be loaded ({PathVariable} can name its file). Tried:{tried}");
    }

    private static bool TryLoad(string candidate, StringBuilder tried, out nint library)
    {
        library = 0;
        string reason = "no such file";
        try
        {
            if (!Path.IsPathRooted(candidate) || File.Exists(candidate))
            {
                library = NativeLibrary.Load(candidate);
                return true;
            }
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            reason = exception.Message.ReplaceLineEndings(" ").Trim();
        }

        tried.Append("\n  ").Append(candidate).Append(": ").Append(reason);
        return false;
    }

    private static OrtApi Open(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint export))
            throw new InferenceException($"{path} is not an ONNX Runtime library: it has no OrtGetApiBase.");

        OrtApiBase* root = ((delegate* unmanaged<OrtApiBase*>)export)();
        string version = Marshal.PtrToStringUTF8((nint)root->GetVersionString()) ?? "of unknown version";
        OrtApiTable* table = root->GetApi(OrtApiTable.Version);
        return table is null
            ? throw new InferenceException(
                $"{path} is ONNX Runtime {version}, which is too old: 1.{OrtApiTable.Version} (API {OrtApiTable.Version}) or newer is needed.")
            : new OrtApi(table, version, path);
    }
}
