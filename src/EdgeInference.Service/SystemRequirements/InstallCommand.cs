namespace EdgeInference.Service.SystemRequirements;

/// <summary>What installs a package on a distribution, by the file /etc/os-release or /usr/lib/os-release.</summary>
internal static class InstallCommand
{
    private static readonly string[] s_files = ["/etc/os-release", "/usr/lib/os-release"];

    /// <summary>The distribution's description of itself; empty where it has none.</summary>
    public static string ReadOsRelease()
    {
        try
        {
            return s_files.FirstOrDefault(File.Exists) is { } path ? File.ReadAllText(path) : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only a hint is lost.
            return "";
        }
    }

    /// <param name="osRelease">The file's text.</param>
    /// <param name="package">ffmpeg or openssl.</param>
    public static string For(string osRelease, string package)
    {
        string[] distributions = [Value(osRelease, "ID"), .. Value(osRelease, "ID_LIKE").Split(' ')];
        foreach (string distribution in distributions)
        {
            string? command = (distribution, package) switch
            {
                ("debian" or "ubuntu", _) => $"apt-get install {package}",

                // Of its own repository or of RPM Fusion, which call the package differently.
                ("fedora", "ffmpeg") => "dnf install /usr/bin/ffmpeg",
                ("fedora", _) => $"dnf install {package}",
                ("clear-linux-os", "openssl") => "swupd bundle-add openssl",

                // No bundle has the program.
                ("clear-linux-os", _) => "no bundle of Clear Linux has it, so put a statically linked build on the PATH",
                _ => null,
            };
            if (command is not null)
                return command;
        }

        return $"the package {package}, or one of a name like it";
    }

    private static string Value(string osRelease, string key) => osRelease
        .Split('\n')
        .Where(line => line.StartsWith(key + "=", StringComparison.Ordinal))
        .Select(line => line[(key.Length + 1)..].Trim().Trim('"', '\''))
        .LastOrDefault("");
}
