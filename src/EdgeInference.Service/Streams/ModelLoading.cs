using System.Collections;
using EdgeInference.Inference;
using EdgeInference.Models.Caching;
using EdgeInference.Service.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Registers how models are loaded: with or without a cache, and where that is.</summary>
internal static class ModelLoading
{
    public static IServiceCollection AddModelLoader(this IServiceCollection services, CacheOptions options) => services
        .AddSingleton(provider => new ModelLoader(
            provider.GetRequiredService<IInferenceEngineFactory>(),
            options.Enabled && Folder(options, Environment.GetEnvironmentVariables()) is { } folder
                ? new ModelCache(folder, options.LimitMegabytes * 1_000_000L, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ModelCache>>())
                : null));

    /// <returns>Null when nobody says where a cache could be.</returns>
    internal static string? Folder(CacheOptions options, IDictionary environment)
    {
        if (options.Directory is { Length: > 0 } configured)
            return Path.GetFullPath(configured);

        // systemd lists several directories with colons between them.
        if (Variable("CACHE_DIRECTORY")?.Split(':')[0] is { } given)
            return given;
        string? caches = Variable("XDG_CACHE_HOME") ?? (Variable("HOME") is { } home ? Path.Combine(home, ".cache") : null);
        return caches is null ? null : Path.Combine(caches, "edge-inference");

        string? Variable(string name) => environment[name] is string value && Path.IsPathRooted(value) ? value : null;
    }
}
