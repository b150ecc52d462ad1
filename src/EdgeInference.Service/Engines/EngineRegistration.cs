using EdgeInference.Models.Caching;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Native.OpenVino;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Engines;

/// <summary>Registers the engines, and how models are loaded: with or without a cache, and where that is.</summary>
internal static class EngineRegistration
{
    public static IServiceCollection AddEngines(this IServiceCollection services, EdgeInferenceOptions options) => services
        .AddSingleton(static provider => new OnnxRuntimeEngineFactory(provider.GetRequiredService<ILogger<OnnxRuntimeEngineFactory>>()))
        .AddSingleton(provider => new OpenVinoEngineFactory(provider.GetRequiredService<ILogger<OpenVinoEngineFactory>>(), options.OpenVino.Library))
        .AddSingleton<SharedModels>()
        .AddSingleton(provider => new EngineLoader(
            provider.GetRequiredService<OnnxRuntimeEngineFactory>(),
            provider.GetRequiredService<OpenVinoEngineFactory>(),
            CreateCache(options.Cache, provider),
            provider.GetRequiredService<ILogger<EngineLoader>>()));

    private static ModelCache? CreateCache(CacheOptions options, IServiceProvider provider) =>
        options.Enabled && ServiceFolder.Cache.Find(options.Directory, Environment.GetEnvironmentVariables()) is { } folder
            ? new ModelCache(folder, options.LimitMegabytes * 1_000_000L, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ModelCache>>())
            : null;
}
