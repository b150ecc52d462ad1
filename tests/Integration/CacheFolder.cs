using System.Runtime.CompilerServices;

namespace EdgeInference.Integration.Tests;

/// <summary>Gives all tests a cache of optimised models that goes with them, so that they see nothing of earlier runs.</summary>
internal static class CacheFolder
{
    [ModuleInitializer]
    internal static void Redirect()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-inference-cache-");
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder.FullName);
        Environment.SetEnvironmentVariable("CACHE_DIRECTORY", null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
    }
}
