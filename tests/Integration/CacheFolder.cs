using System.Runtime.CompilerServices;

namespace EdgeInference.Integration.Tests;

/// <summary>Gives all tests a cache of optimised models that goes with them, so that they see nothing of earlier runs.</summary>
internal static class CacheFolder
{
    private static readonly DirectoryInfo Folder = Directory.CreateTempSubdirectory("edge-inference-cache-");

    public static string Path => Folder.FullName;

    [ModuleInitializer]
    internal static void Redirect()
    {
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Path);
        Environment.SetEnvironmentVariable("CACHE_DIRECTORY", null);
        Environment.SetEnvironmentVariable("STATE_DIRECTORY", null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Folder.Delete(recursive: true);
    }
}
