using EdgeInference.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>
/// Runs models with ONNX Runtime 1.17 or newer on the CPU, whatever the device asked for. The library is looked for at
/// <paramref name="libraryPath"/> (by default the value of EDGEINFERENCE_ONNXRUNTIME), else beside the program, else on
/// the system's search path; it is loaded with the first model.
/// </summary>
public sealed class OnnxRuntimeEngineFactory(ILogger<OnnxRuntimeEngineFactory> logger, string? libraryPath = null)
    : IInferenceEngineFactory
{
    private readonly Lock _gate = new();
    private OrtApi? _api;
    private OrtEnvHandle? _env;

    public string Name => "onnxruntime";

    public string Fingerprint => $"{Name} {LoadLibrary().Api.Version}; {OrtSessions.Settings}; {ProcessorFeatures.Read()}";

    /// <summary>The library's version and its file.</summary>
    /// <exception cref="InferenceException">It cannot be loaded.</exception>
    public (string Version, string Path) Open()
    {
        OrtApi api = LoadLibrary().Api;
        return (api.Version, api.Path);
    }

    public IInferenceEngine Load(InferenceModel model, EngineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.ThreadsPerRequest, nameof(options));
        (OrtApi api, OrtEnvHandle env) = LoadLibrary();
        OrtSessionHandle session = OrtSessions.CreateSession(api, env, model, options, logger);
        try
        {
            return new OnnxRuntimeEngine(
                api, session, OrtGraphInfo.ReadInputs(api, session), OrtGraphInfo.ReadOutputs(api, session), model.Name, options);
        }
        catch (InferenceException exception)
        {
            session.Dispose();
            throw new ModelException($"{model.Path}: {exception.Message}", exception);
        }
    }

    private (OrtApi Api, OrtEnvHandle Env) LoadLibrary()
    {
        lock (_gate)
        {
            _api ??= OrtLibrary.Load(libraryPath ?? Environment.GetEnvironmentVariable(OrtLibrary.PathVariable));
            _env ??= OrtSessions.CreateEnv(_api, logger);
            return (_api, _env);
        }
    }
}
