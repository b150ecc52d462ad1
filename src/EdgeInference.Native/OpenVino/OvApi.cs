using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>A loaded OpenVINO library. It stays loaded until the process ends.</summary>
internal sealed unsafe partial class OvApi(OvApiTable table, string path, string build)
{
    public OvApiTable Table { get; } = table;

    /// <summary>The file that was loaded.</summary>
    public string Path { get; } = path;

    /// <summary>The full version, such as 2026.4.1-23117-abc.</summary>
    public string Build { get; } = build;

    /// <summary>The version without the build, such as 2026.4.1.</summary>
    public string Version { get; } = OpenVinoVersion.Shorten(build);

    /// <exception cref="InferenceException">The status is a failure: the message has the call, the status and the reason.</exception>
    public void Check(OvStatus status, string call)
    {
        if (status != OvStatus.Ok)
            throw new InferenceException(Describe(status, call));
    }

    /// <summary>To be called at once, on the thread of the failed call: the reason is kept until the next failure, in newer releases for each thread.</summary>
    public string Describe(OvStatus status, string call) => $"OpenVINO: {call} failed ({status}): {Reason(status)}";

    /// <summary>What OpenVINO says of the call that just failed on this thread, in one line.</summary>
    public string Reason(OvStatus status)
    {
        // A call that refuses its arguments leaves the reason of an earlier failure where it was. The text is borrowed.
        string? text = status == OvStatus.InvalidCParameter ? null : Marshal.PtrToStringUTF8((nint)Table.GetLastErrMsg());
        string line = string.Join(' ', SourceLine().Replace(text ?? "", "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > 0 ? line : "no reason given";
    }

    /// <summary>Copies a text that the caller owns, and frees it.</summary>
    public string TakeText(byte* text)
    {
        try
        {
            return Marshal.PtrToStringUTF8((nint)text) ?? "";
        }
        finally
        {
            Table.Free(text);
        }
    }

    /// <summary>Where in its own sources something was thrown, which is of no use to those who read the message.</summary>
    [GeneratedRegex(@"Exception from \S+:\d+:\s*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SourceLine();
}
