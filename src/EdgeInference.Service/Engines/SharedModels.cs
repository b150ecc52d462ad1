using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Models.Caching;

namespace EdgeInference.Service.Engines;

/// <summary>What has to be equal for streams to share a compiled model.</summary>
/// <param name="Path">The model file.</param>
/// <param name="Content">What is in it.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Options">How the engine compiles it.</param>
internal sealed record ModelUse(string Path, ModelKey Content, ModelEngine Engine, EngineOptions Options);

/// <summary>
/// The compiled models of this process, so that streams which use the same one have one engine. Holds none of them itself:
/// an engine is released with the last stream that has it, and one that has failed is not given out any more. Thread-safe.
/// </summary>
internal sealed class SharedModels
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ModelUse, Lazy<Compiled>> _compiled = [];

    /// <summary>Gives a model with an engine that the caller is to dispose; compiles it unless that has been done.</summary>
    /// <param name="use">Which model, and how it is compiled.</param>
    /// <param name="read">Reads it. Others that ask meanwhile wait, and get the same model, or the same exception.</param>
    public (LoadedModel Model, SharedEngine Engine) Get(ModelUse use, Func<LoadedModel> read)
    {
        while (true)
        {
            (LoadedModel, SharedEngine)? own = null;
            Lazy<Compiled> entry = FindOrAdd(use, () =>
            {
                LoadedModel model = read();
                var engine = SharedEngine.Of(model.Compile(use.Options));
                own = (model, engine);
                return new Compiled(new WeakReference<LoadedModel>(model), engine);
            });
            try
            {
                _ = entry.Value;
            }
            catch
            {
                Remove(use, entry);
                throw;
            }

            // Whoever has made the entry gets what was compiled for it, on whichever thread that was; others get a share.
            if ((own ?? entry.Value.TryShare()) is { } shared)
                return shared;
        }
    }

    private Lazy<Compiled> FindOrAdd(ModelUse use, Func<Compiled> compile)
    {
        lock (_lock)
        {
            foreach ((ModelUse old, Lazy<Compiled> entry) in _compiled)
            {
                if (entry.IsValueCreated && !entry.Value.IsUsable)
                    _compiled.Remove(old);
            }

            if (!_compiled.TryGetValue(use, out Lazy<Compiled>? found))
                _compiled.Add(use, found = new Lazy<Compiled>(compile, LazyThreadSafetyMode.ExecutionAndPublication));
            return found;
        }
    }

    private void Remove(ModelUse use, Lazy<Compiled> failed)
    {
        lock (_lock)
        {
            if (_compiled.GetValueOrDefault(use) == failed)
                _compiled.Remove(use);
        }
    }

    /// <summary>The streams keep the model; a dead one is not to take memory.</summary>
    private sealed record Compiled(WeakReference<LoadedModel> Model, SharedEngine Engine)
    {
        public bool IsUsable => !Engine.HasFailed && !Engine.IsReleased && Model.TryGetTarget(out _);

        public (LoadedModel Model, SharedEngine Engine)? TryShare() =>
            !Engine.HasFailed && Model.TryGetTarget(out LoadedModel? model) && Engine.TryShare() is { } shared ? (model, shared) : null;
    }
}
