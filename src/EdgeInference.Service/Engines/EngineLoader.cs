using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Models.Caching;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Native.OpenVino;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using EdgeInference.Service.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Engines;

/// <summary>Chooses the engine of a stream, and reads its model for that engine.</summary>
internal sealed partial class EngineLoader(
    OnnxRuntimeEngineFactory onnxRuntime,
    OpenVinoEngineFactory openVino,
    ModelCache? cache,
    ILogger<EngineLoader> logger)
{
    // Beside our own files, which are for ONNX Runtime: a cache can be made anew, so it is not the state directory's.
    private const string OpenVinoFolder = "openvino";

    private readonly ILogger _logger = logger;
    private readonly ModelLoader _forOnnxRuntime = new(onnxRuntime, cache);
    private readonly ModelLoader _forOpenVino = new(openVino);

    /// <summary>Chooses the engine, and gives it the extension of the options.</summary>
    /// <exception cref="StreamStartException">The engine, the device or the extension is not there.</exception>
    public EngineChoice Choose(ConfiguredStream stream)
    {
        EngineChoice choice = Choose(stream.Options.Model);
        LogChoice(stream.Name, choice.Name, choice.Device, choice.Reason);
        if (choice.Warning is { } warning)
            LogWarning(stream.Name, warning);
        AddExtension(stream, choice);
        return choice;
    }

    /// <summary>What is in the model's files, for the chosen engine.</summary>
    /// <returns>Null when they cannot be read, which <see cref="Read"/> explains.</returns>
    /// <exception cref="InferenceException">The engine cannot be loaded.</exception>
    public ModelKey? KeyOf(ModelOptions options, EngineChoice choice) => LoaderOf(choice).KeyOf(options.Path!, FileOptionsOf(options, choice));

    /// <summary>Reads the model for the chosen engine.</summary>
    /// <exception cref="ModelException">The file is missing, damaged, or more than is supported.</exception>
    /// <exception cref="InferenceException">The engine cannot be loaded.</exception>
    public LoadedModel Read(ModelOptions options, EngineChoice choice, ModelKey? key) =>
        LoaderOf(choice).Read(options.Path!, FileOptionsOf(options, choice), key);

    private ModelLoader LoaderOf(EngineChoice choice) => choice.Engine == ModelEngine.OpenVino ? _forOpenVino : _forOnnxRuntime;

    private static ModelFileOptions FileOptionsOf(ModelOptions options, EngineChoice choice) => options.FileOptions with { Engine = choice.Engine };

    /// <summary>How the model of the chosen engine is to be compiled.</summary>
    public EngineOptions OptionsFor(ModelOptions options, EngineChoice choice) => new()
    {
        Device = choice.Device,
        Performance = options.PerformanceHint,
        Precision = PrecisionOf(options, choice),
        ThreadsPerRequest = options.ThreadsPerRequest,
        Threads = options.InferenceThreads,
        CacheDirectory = cache is null ? null : Path.Combine(cache.Folder, OpenVinoFolder),
    };

    /// <summary>Newer CPUs would compute in brain floats by themselves, and so find other objects than the CPU next door.</summary>
    private static InferencePrecision PrecisionOf(ModelOptions options, EngineChoice choice) =>
        options.InferencePrecision == InferencePrecision.Auto && choice.IsCpuOnly ? InferencePrecision.F32 : options.InferencePrecision;

    private EngineChoice Choose(ModelOptions options)
    {
        if (options.Engine == EngineKind.OnnxRuntime)
            return EngineChoice.Decide(options.Engine, options.Device, openVino: null, missing: "");
        try
        {
            OpenVinoRuntime runtime = openVino.Open();
            return EngineChoice.Decide(
                options.Engine,
                options.Device,
                new OpenVinoState(runtime.Version, new Lazy<IReadOnlyList<string>>(() => runtime.DeviceNames), runtime.WhyNot),
                missing: "");
        }
        catch (InferenceException exception)
        {
            // The first line: what was tried, and where, follows.
            return EngineChoice.Decide(options.Engine, options.Device, openVino: null, exception.Message.Split('\n')[0]);
        }
    }

    private void AddExtension(ConfiguredStream stream, EngineChoice choice)
    {
        if (stream.Options.Model.CpuExtension is { } configured)
        {
            if (choice.Engine == ModelEngine.OpenVino)
                AddConfigured(configured);
            else
                LogWarning(stream.Name, $"Model:CpuExtension {configured} is not used: ONNX Runtime takes no such library");
        }
        else if (stream.ParamCpuExtension is { } path)
        {
            AddOrIgnore(stream.Name, path, choice);
        }
    }

    private void AddConfigured(string path)
    {
        try
        {
            openVino.AddExtension(path);
        }
        catch (InferenceException exception)
        {
            throw new StreamStartException($"Model:CpuExtension: {exception.Message}");
        }
    }

    private void AddOrIgnore(string stream, string path, EngineChoice choice)
    {
        const string Variable = ParamVariables.Prefix + ParamVariables.CpuExtension;
        string reason = "ONNX Runtime takes no such library";
        if (choice.Engine == ModelEngine.OpenVino)
        {
            try
            {
                openVino.AddExtension(path);
                return;
            }
            catch (InferenceException exception)
            {
                reason = exception.Message;
            }
        }

        LogWarning(stream, $"{Variable}={path} is ignored: {reason}");
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "{Stream}: {Warning}")]
    private partial void LogWarning(string stream, string warning);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "{Stream}: engine {Engine} on {Device}: {Reason}")]
    private partial void LogChoice(string stream, string engine, string device, string reason);
}
