using System.Runtime.InteropServices;
using System.Text;
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
    /// <exception cref="InferenceException">There is none; the message lists what was tried, and what is needed.</exception>
    public static OvApi Load(string? configuredPath) => LoadFirst(OpenVinoCandidates.Find(configuredPath));

    internal static OvApi LoadFirst(IReadOnlyList<OpenVinoCandidate> candidates)
    {
        StringBuilder tried = new();
        foreach (OpenVinoCandidate candidate in candidates)
        {
            try
            {
                if (candidate.Fault is null)
                    return Load(NativeLibrary.Load(candidate.Path), candidate.Path);
                Add(tried, candidate.Path, candidate.Fault);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or InferenceException)
            {
                Add(tried, candidate.Path, exception.Message.ReplaceLineEndings(" ").Trim());
            }
        }

        throw new InferenceException(
            $"OpenVINO could not be loaded. Install OpenVINO {OpenVinoVersion.Oldest} or newer (its archive, its Debian packages, or"
            + $" \"pip install openvino\"), and let {PathVariable} name the folder of libopenvino_c.so where it is not found there. Tried:{tried}");
    }

    private static void Add(StringBuilder tried, string path, string fault) => tried.Append("\n  ").Append(path).Append(": ").Append(fault);

    private static OvApi Load(nint library, string path)
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
            return new OvApi(new OvApiTable(library), path, build);
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
