using System.Text;
using EdgeInference.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OpenVino;

/// <summary>
/// Runs models with OpenVINO 2023.2 or newer, on any device that it can use. The library is looked for at
/// <paramref name="libraryPath"/>, a file or a folder (by default the value of EDGEINFERENCE_OPENVINO); where that is not set
/// in $INTEL_OPENVINO_DIR, on the system's search path, in the folders of Debian packages, and in /opt/intel/openvino*.
/// </summary>
public sealed class OpenVinoEngineFactory(ILogger<OpenVinoEngineFactory> logger, string? libraryPath = null) : IInferenceEngineFactory
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _extensions = [];
    private OpenVinoRuntime? _runtime;
    private InferenceException? _failure;

    public string Name => "openvino";

    public string Fingerprint => $"{Name} {Open().Api.Build}";

    /// <summary>Loads the library, the first time; a failure is kept too.</summary>
    /// <exception cref="InferenceException">No library, or one that is too old; the message lists what was tried, one line each.</exception>
    public OpenVinoRuntime Open()
    {
        lock (_gate)
        {
            if (_failure is not null)
                throw new InferenceException(_failure.Message, _failure);
            try
            {
                return _runtime ??= CreateRuntime();
            }
            catch (InferenceException exception)
            {
                _failure = exception;
                throw;
            }
        }
    }

    /// <summary>
    /// Makes the operations of a library known to all models that are loaded after this; once for each path. OpenVINO takes
    /// them this way in 2025.4 and newer, perhaps also before; not in 2025.0.
    /// </summary>
    /// <exception cref="InferenceException">There is no such file, it is no extension, or this OpenVINO takes none.</exception>
    public void AddExtension(string path)
    {
        OpenVinoRuntime runtime = Open();
        lock (_gate)
        {
            if (_extensions.Contains(path))
                return;
            AddExtension(runtime, path);
            _extensions.Add(path);
        }

        OpenVinoLog.ExtensionAdded(logger, path);
    }

    public IInferenceEngine Load(InferenceModel model, EngineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        OpenVinoRuntime runtime = Open();
        OvCompiledModelHandle? compiled = null;
        try
        {
            using (OvModelHandle handle = OvCompiler.Read(runtime.Api, runtime.Core, model))
                compiled = Compile(runtime, handle, options);
            return OpenVinoEngine.Create(runtime, compiled, model, options, logger);
        }
        catch (InferenceException exception)
        {
            compiled?.Dispose();
            throw new ModelException($"{model.Path}: {exception.Message}", exception);
        }
    }

    private OvCompiledModelHandle Compile(OpenVinoRuntime runtime, OvModelHandle model, EngineOptions options)
    {
        IReadOnlyList<(string Key, string Value)> properties = OvCompiler.PropertiesOf(options, logger);
        try
        {
            return OvCompiler.Compile(runtime.Api, runtime.Core, model, options.Device, properties);
        }
        catch (InferenceException exception) when (properties.Any(static property => property.Key == OvCompiler.CacheDirectory))
        {
            // Some releases and devices refuse a model for that alone: 2023.2 does for a HETERO list with the CPU.
            OvCompiledModelHandle compiled = OvCompiler.Compile(
                runtime.Api, runtime.Core, model, options.Device, [.. properties.Where(static property => property.Key != OvCompiler.CacheDirectory)]);
            OpenVinoLog.NoCache(logger, options.CacheDirectory!, exception.Message);
            return compiled;
        }
    }

    private unsafe OpenVinoRuntime CreateRuntime()
    {
        OvApi api = OpenVinoLibrary.Load(libraryPath ?? Environment.GetEnvironmentVariable(OpenVinoLibrary.PathVariable));
        OvElementTypes elementTypes = OvElementTypes.Probe(api);
        nint core;
        api.Check(api.Table.CoreCreate(&core), "ov_core_create");
        OpenVinoLog.Loaded(logger, api.Build, api.Path);
        return new OpenVinoRuntime(api, new OvCoreHandle(api, core), elementTypes);
    }

    private static unsafe void AddExtension(OpenVinoRuntime runtime, string path)
    {
        OvApi api = runtime.Api;
        if (!File.Exists(path))
            throw new InferenceException($"OpenVINO extension {path}: no such file.");
        if (api.Table.CoreAddExtension is null)
            throw new InferenceException($"OpenVINO extension {path}: OpenVINO {api.Version} takes no extensions from a C program, newer ones do (2025.4 for one).");
        using NativeLease core = runtime.Core.Lease();
        fixed (byte* nativePath = Encoding.UTF8.GetBytes(path + "\0"))
        {
            OvStatus status = api.Table.CoreAddExtension(core.Native, nativePath);
            if (status != OvStatus.Ok)
                throw new InferenceException($"OpenVINO extension {path}: {api.Describe(status, "ov_core_add_extension")}");
        }
    }
}
