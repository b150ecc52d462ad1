using EdgeInference.Inference;

namespace EdgeInference.Models.Caching;

/// <summary>Reads models and has them compiled, through a cache where there is one.</summary>
public sealed class ModelLoader(IInferenceEngineFactory engines, ModelCache? cache = null)
{
    /// <exception cref="ModelException">The file is missing, damaged, or more than is supported.</exception>
    /// <exception cref="InferenceException">The engine itself cannot be loaded.</exception>
    public LoadedModel Read(string path, ModelFileOptions options) => Read(path, options, KeyOf(path, options));

    /// <summary>What models have in common that are the same when they are compiled.</summary>
    /// <returns>Null when a file cannot be read, which <see cref="Read(string, ModelFileOptions)"/> explains.</returns>
    /// <exception cref="InferenceException">The engine itself cannot be loaded.</exception>
    public ModelKey? KeyOf(string path, ModelFileOptions options) => ModelKey.Of(path, options, engines.Fingerprint);

    /// <param name="path">The model file.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="key">Its key; null where that could not be made.</param>
    /// <inheritdoc cref="Read(string, ModelFileOptions)" path="/exception"/>
    public LoadedModel Read(string path, ModelFileOptions options, ModelKey? key)
    {
        if (cache is null || key is null)
            return new LoadedModel(ModelFile.Read(path, options), engines.Load);
        return cache.Find(key, path) is { } cached
            ? new LoadedModel(cached, (model, engine) => CompileCached(key, model, options, engine))
            : new LoadedModel(ModelFile.Read(path, options), (model, engine) => CompileAndStore(key, model, options, engine));
    }

    private IInferenceEngine CompileCached(ModelKey key, InferenceModel model, ModelFileOptions options, EngineOptions engineOptions)
    {
        try
        {
            return engines.Load(model, engineOptions);
        }
        catch (ModelException exception)
        {
            cache!.Discard(key, exception.Message);
            return CompileAndStore(key, ModelFile.Read(model.Path, options), options, engineOptions);
        }
    }

    private IInferenceEngine CompileAndStore(ModelKey key, InferenceModel model, ModelFileOptions options, EngineOptions engineOptions)
    {
        if (cache!.CreateTemporary() is not { } optimized)
            return engines.Load(model, engineOptions);
        try
        {
            IInferenceEngine engine = LoadAndSave(model, engineOptions, optimized);

            // Not what was hashed if the files have been replaced since.
            if (key.Equals(ModelKey.Of(model.Path, options, engines.Fingerprint)))
                cache.Store(key, model, optimized);
            return engine;
        }
        finally
        {
            cache.Delete(optimized);
        }
    }

    private IInferenceEngine LoadAndSave(InferenceModel model, EngineOptions engineOptions, string optimized)
    {
        try
        {
            return engines.Load(model, engineOptions with { OptimizedModelPath = optimized });
        }
        catch (ModelException)
        {
            // The engine may only have failed to write, for want of room: then it compiles the model without.
            cache!.Delete(optimized);
            return engines.Load(model, engineOptions);
        }
    }
}

/// <summary>A model that has been read and is still to be compiled.</summary>
public sealed class LoadedModel
{
    private readonly Func<InferenceModel, EngineOptions, IInferenceEngine> _compile;

    internal LoadedModel(InferenceModel model, Func<InferenceModel, EngineOptions, IInferenceEngine> compile)
    {
        Model = model;
        _compile = compile;
    }

    public InferenceModel Model { get; }

    /// <summary>Whether neither reading nor optimising was needed.</summary>
    public bool IsCached => Model.IsOptimized;

    /// <exception cref="ModelException">The engine refuses the model.</exception>
    /// <exception cref="InferenceException">The engine itself cannot be loaded.</exception>
    public IInferenceEngine Compile(EngineOptions options) => _compile(Model, options);
}
