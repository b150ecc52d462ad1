using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>Loads the OpenVINO library.</summary>
internal static unsafe class OpenVinoLibrary
{
    /// <summary>
    /// Names the library's file, or the folder that it is in, where it is none of those in which it is looked for, such as
    /// a Python installation's openvino/libs.
    /// </summary>
    public const string PathVariable = "EDGEINFERENCE_OPENVINO";

    /// <summary>The first of the candidates that can be loaded and is new enough.</summary>
    /// <exception cref="InferenceException">There is none; the message's first line says why, and what was tried follows, one line each.</exception>
    public static OvApi Load(string? configuredPath) => LoadFirst(OpenVinoCandidates.Find(configuredPath));

    internal static OvApi LoadFirst(IReadOnlyList<OpenVinoCandidate> candidates)
    {
        List<string> tried = [];
        string? unusable = null;
        foreach (OpenVinoCandidate candidate in candidates)
        {
            string fault = candidate.Fault ?? "";
            try
            {
                if (candidate.Fault is null)
                    return LoadFile(candidate.Path);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                fault = LinkerMessageOf(exception);
                if (Path.IsPathRooted(candidate.Path))
                    unusable ??= $"{candidate.Path}: {fault}";
            }
            catch (InferenceException exception)
            {
                fault = exception.Message;
                unusable ??= $"{candidate.Path} {fault}";
            }

            tried.Add($"{candidate.Path}: {fault}");
        }

        string reason = unusable is null ? "OpenVINO was not found" : $"OpenVINO cannot be used: {unusable}";
        throw new InferenceException(tried is [var only] ? $"OpenVINO cannot be used: {unusable ?? only}" : $"{reason}\nTried:\n  {string.Join("\n  ", tried)}");
    }

    /// <exception cref="InferenceException">It is none, or too old: it is unloaded, so that what it brought along does not serve the next.</exception>
    private static OvApi LoadFile(string path)
    {
        nint threading = LoadThreading(path);
        nint library = 0;
        try
        {
            library = NativeLibrary.Load(path);
            return CreateApi(library, path);
        }
        catch
        {
            NativeLibrary.Free(library);
            NativeLibrary.Free(threading);
            throw;
        }
    }

    /// <summary>
    /// Intel's archives hold oneTBB in a folder of its own (runtime/3rdparty/tbb/lib), where the linker finds it only with the
    /// variables of setupvars.sh. Once it is loaded, it is found by its name.
    /// </summary>
    /// <returns>0 where it is not there.</returns>
    private static nint LoadThreading(string library) =>
        Path.GetDirectoryName(library) is { Length: > 0 } folder
        && NativeLibrary.TryLoad(Path.GetFullPath(Path.Combine(folder, "../../3rdparty/tbb/lib/libtbb.so.12")), out nint threading)
            ? threading
            : 0;

    /// <summary>What the dynamic linker said: it stands below advice that is for programmers.</summary>
    private static string LinkerMessageOf(Exception exception) => exception.Message.Split('\n', 2) is [_, var lines] && lines.Trim().Length > 0
        ? lines.Trim().ReplaceLineEndings("; ")
        : exception.Message;

    private static OvApi CreateApi(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "ov_get_openvino_version", out nint getVersion)
            || !NativeLibrary.TryGetExport(library, "ov_version_free", out nint freeVersion))
        {
            throw new InferenceException("is not an OpenVINO library: it has no ov_get_openvino_version");
        }

        // Before anything else is asked of it: an older library has not got all that the table wants.
        string build = ReadBuild(
            (delegate* unmanaged<OvVersion*, OvStatus>)getVersion, (delegate* unmanaged<OvVersion*, void>)freeVersion);
        string version = OpenVinoVersion.Shorten(build);
        if (OpenVinoVersion.IsTooOld(build))
            throw new InferenceException($"is OpenVINO {version}, which is too old: {OpenVinoVersion.Oldest} or newer is needed");
        try
        {
            return new OvApi(new OvApiTable(library), MemoryMap.FileAt(getVersion) ?? path, build);
        }
        catch (InferenceException exception)
        {
            throw new InferenceException(
                $"is OpenVINO {version}, which cannot be used: {exception.Message}; {OpenVinoVersion.Oldest} or newer is needed", exception);
        }
    }

    private static string ReadBuild(
        delegate* unmanaged<OvVersion*, OvStatus> getVersion, delegate* unmanaged<OvVersion*, void> freeVersion)
    {
        OvVersion version = default;
        OvStatus status = getVersion(&version);
        if (status != OvStatus.Ok)
            throw new InferenceException($"ov_get_openvino_version failed ({status})");
        try
        {
            return Marshal.PtrToStringUTF8((nint)version.BuildNumber) ?? "";
        }
        finally
        {
            freeVersion(&version);
        }
    }
}
