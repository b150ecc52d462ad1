using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeInference.Native.OpenVino;

/// <summary>A file that may be the library, or a place where none is.</summary>
/// <param name="Path">The file, or the name that the system is to look for.</param>
/// <param name="Fault">Why there is nothing to load; null where it is to be tried.</param>
internal sealed record OpenVinoCandidate(string Path, string? Fault = null);

/// <summary>Where the library is looked for.</summary>
internal static class OpenVinoCandidates
{
    /// <summary>The name without a version, which only development files have.</summary>
    private const string FileName = "libopenvino_c.so";

    /// <summary>What is configured and nothing else; else what is found in the usual places, in the order to try.</summary>
    public static IReadOnlyList<OpenVinoCandidate> Find(string? configuredPath) =>
        configuredPath is { Length: > 0 } ? [Configured(configuredPath)] : [.. Usual().DistinctBy(static candidate => candidate.Path)];

    /// <summary>
    /// The newest library of a folder: file names end in year, minor and revision, of which .2641 is 2026.4.1. Null where
    /// there is none.
    /// </summary>
    public static string? NewestIn(string folder)
    {
        try
        {
            string? newest = Directory.EnumerateFiles(folder, FileName + ".*")
                .Select(static file => (File: file, Number: NumberOf(file)))
                .Where(static file => file.Number >= 0)
                .OrderBy(static file => file.Number)
                .LastOrDefault().File;
            string unversioned = Path.Combine(folder, FileName);
            return newest ?? (File.Exists(unversioned) ? unversioned : null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A folder that is not there or not ours to read: as good as empty.
            return null;
        }
    }

    /// <summary>The folders of ld.so.conf, where the linker itself looks for the name without a version only.</summary>
    public static IEnumerable<string> LinkerFolders(string etc) =>
        ReadOrEmpty(() => Directory.GetFiles(Path.Combine(etc, "ld.so.conf.d"), "*.conf"))
            .Order(StringComparer.Ordinal)
            .Prepend(Path.Combine(etc, "ld.so.conf"))
            .SelectMany(static file => ReadOrEmpty(() => File.ReadAllLines(file)))
            .Select(static line => line.Split('#')[0].Trim())
            .Where(static line => line.StartsWith('/'));

    private static OpenVinoCandidate Configured(string path)
    {
        if (Directory.Exists(path))
            return NewestIn(path) is { } newest ? new OpenVinoCandidate(newest) : new OpenVinoCandidate(path, $"no {FileName}.* in this folder");
        return File.Exists(path) ? new OpenVinoCandidate(Path.GetFullPath(path)) : new OpenVinoCandidate(path, "no such file or folder");
    }

    private static IEnumerable<OpenVinoCandidate> Usual()
    {
        if (Environment.GetEnvironmentVariable("INTEL_OPENVINO_DIR") is { Length: > 0 } installation)
            yield return InFolder(RuntimeFolder(installation));
        foreach (string folder in (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (NewestIn(folder) is { } newest)
                yield return new OpenVinoCandidate(newest);
        }

        yield return new OpenVinoCandidate(FileName);
        foreach (string folder in LinkerFolders("/etc"))
            yield return InFolder(folder);
        foreach (string root in (string[])["/usr/lib", "/usr/local/lib"])
        {
            foreach (string folder in (string[])[Path.Combine(root, MultiarchName()), root + "64", root])
                yield return InFolder(folder);
        }

        foreach (string folder in InstallationsUnder("/opt/intel"))
            yield return InFolder(RuntimeFolder(folder));
    }

    private static string[] ReadOrEmpty(Func<string[]> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // As with the libraries' folders.
            return [];
        }
    }

    private static OpenVinoCandidate InFolder(string folder) =>
        NewestIn(folder) is { } newest ? new OpenVinoCandidate(newest) : new OpenVinoCandidate(folder, $"no {FileName}.* there");

    /// <summary>Folders such as openvino_2026.4, the newest first.</summary>
    private static IEnumerable<string> InstallationsUnder(string folder) =>
        Directory.Exists(folder) && Directory.GetDirectories(folder, "openvino*") is { Length: > 0 } installations
            ? installations.OrderDescending(StringComparer.Ordinal)
            : [Path.Combine(folder, "openvino*")];

    private static string RuntimeFolder(string installation) =>
        Path.Combine(installation, "runtime/lib", RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "intel64");

    private static string MultiarchName() =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

    /// <summary>2641 of libopenvino_c.so.2641; -1 where it ends in something else.</summary>
    private static int NumberOf(string file) =>
        int.TryParse(Path.GetExtension(file.AsSpan()).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : -1;
}
