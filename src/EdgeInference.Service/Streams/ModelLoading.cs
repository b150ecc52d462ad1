using EdgeInference.Inference;
using EdgeInference.Models.Caching;
using EdgeInference.Service.Configuration;
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
            options.Enabled && ServiceFolder.Cache.Find(options.Directory, Environment.GetEnvironmentVariables()) is { } folder
                ? new ModelCache(folder, options.LimitMegabytes * 1_000_000L, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ModelCache>>())
                : null));
}
