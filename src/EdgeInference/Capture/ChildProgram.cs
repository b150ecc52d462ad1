using System.Diagnostics;

namespace EdgeInference.Capture;

/// <summary>
/// Programs that the service starts. They are taken from beside it or from the PATH, never from the current folder, where
/// the platform would look first and anybody may have put something; and they get no more of the environment than they
/// need, since the rest holds configuration, and so passwords.
/// </summary>
public static class ChildProgram
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // What ffmpeg and its libraries need.
    private static readonly string[] s_passedOn =
    [
        "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR", "LIBVA_DRIVER_NAME", "LIBVA_DRIVERS_PATH",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "no_proxy",
    ];

    /// <summary>Where programs are taken from, best first.</summary>
    public static IReadOnlyList<string> Folders =>
    [
        AppContext.BaseDirectory,
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(Path.IsPathRooted),
    ];

    /// <returns>The program's full path; null where none of the folders has it.</returns>
    public static string? Find(string name, IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);

    /// <summary>How a program is started.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="arguments">Its arguments, for every user of the machine to see.</param>
    public static ProcessStartInfo CreateStart(string path, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Except(s_passedOn, StringComparer.Ordinal).ToArray())
            start.Environment.Remove(name);
        return start;
    }

    private static bool IsProgram(string path) => new FileInfo(path) is { Exists: true } file && (file.UnixFileMode & Execute) != UnixFileMode.None;
}
