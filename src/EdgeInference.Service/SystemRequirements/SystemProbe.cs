using System.Runtime.InteropServices;

namespace EdgeInference.Service.SystemRequirements;

/// <summary>Looks for programs and libraries where the service itself would take them from.</summary>
/// <param name="programFolders">Where programs are, best first.</param>
/// <param name="canLoad">Whether a library can be loaded by its name.</param>
internal sealed class SystemProbe(IReadOnlyList<string> programFolders, Func<string, bool> canLoad)
{
    /// <summary>What this process sees: programs beside it, in the current folder and on the PATH, as the platform starts them.</summary>
    public static SystemProbe OfThisProcess() => new(
        [
            AppContext.BaseDirectory,
            Environment.CurrentDirectory,
            .. Environment.GetEnvironmentVariable("PATH")?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [],
        ],
        static name => NativeLibrary.TryLoad(name, out _));

    /// <returns>Its path; null where there is none that can be started.</returns>
    public string? FindProgram(string name) => programFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);

    /// <summary>Whether one of the names can be loaded.</summary>
    public bool HasLibrary(params IEnumerable<string> names) => names.Any(canLoad);

    private static bool IsProgram(string path)
    {
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (File.GetUnixFileMode(path) & Execute) != UnixFileMode.None;
    }
}
