using System.Collections;

namespace EdgeInference.Service.Configuration;

/// <summary>Which files make up the configuration.</summary>
internal static class ConfigurationFiles
{
    private const string Name = "appsettings.json";

    /// <summary>The file that was named; else the one beside the program, and over it that of the folder where systemd says configuration is.</summary>
    /// <returns>Full paths, of which later ones win. Files that nobody has named need not be there.</returns>
    public static IReadOnlyList<string> Find(string? named, IDictionary environment)
    {
        if (named is { Length: > 0 })
            return [Path.GetFullPath(named)];
        string besideProgram = Path.Combine(AppContext.BaseDirectory, Name);
        return environment["CONFIGURATION_DIRECTORY"] is string folders && Path.IsPathRooted(folders)
            ? [besideProgram, Path.Combine(folders.Split(':')[0], Name)]
            : [besideProgram];
    }
}
