using System.Runtime.InteropServices;
using EdgeInference.Capture;

namespace EdgeInference.Service.SystemRequirements;

/// <summary>Looks for programs and libraries where the service itself would take them from.</summary>
/// <param name="programFolders">Where programs are, best first.</param>
/// <param name="canLoad">Whether a library can be loaded by its name.</param>
/// <param name="osRelease">The distribution's description of itself.</param>
internal sealed class SystemProbe(IReadOnlyList<string> programFolders, Func<string, bool> canLoad, string osRelease)
{
    public static SystemProbe OfThisProcess() =>
        new(ChildProgram.Folders, static name => NativeLibrary.TryLoad(name, out _), SystemRequirements.InstallCommand.ReadOsRelease());

    /// <summary>What installs a package on this distribution.</summary>
    public string InstallCommand(string package) => SystemRequirements.InstallCommand.For(osRelease, package);

    /// <returns>Its path; null where there is none that can be started.</returns>
    public string? FindProgram(string name) => ChildProgram.Find(name, programFolders);

    /// <summary>Whether one of the names can be loaded.</summary>
    public bool HasLibrary(params IEnumerable<string> names) => names.Any(canLoad);
}
