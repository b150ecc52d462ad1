using System.Collections.Concurrent;
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

    private const string NoExtensions = "ONNX Runtime takes no such library";

    private readonly ILogger _logger = logger;
    private readonly ConcurrentDictionary<(string Stream, string Topic), string?> _said = new();
    private readonly ModelLoader _forOnnxRuntime = new(onnxRuntime, cache);
    private readonly ModelLoader _forOpenVino = new(openVino);

    /// <summary>Chooses the engine, and gives it the extension of the options.</summary>
    /// <exception cref="StreamStartException">The engine, the device or the extension is not there.</exception>
    public EngineChoice Choose(ConfiguredStream stream)
    {
        EngineChoice choice = Choose(stream.Options.Model);
        if (IsNews(stream, "engine", $"{choice.Name} {choice.Device} {choice.Reason}"))
            LogChoice(stream.Name, choice.Name, choice.Device, choice.Reason);
        Warn(stream, "device", choice.Warning);
        Warn(stream, "extension", AddExtension(stream, choice));
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

    private void Warn(ConfiguredStream stream, string topic, string? warning)
    {
        if (IsNews(stream, topic, warning) && warning is not null)
            LogWarning(stream.Name, warning);
    }

    /// <summary>Whether it was something else when the stream's model was last loaded: what stays as it is is said once.</summary>
    private bool IsNews(ConfiguredStream stream, string topic, string? text)
    {
        bool isKnown = _said.TryGetValue((stream.Name, topic), out string? last) && last == text;
        _said[(stream.Name, topic)] = text;
        return !isKnown;
    }

    /// <returns>Why the extension is not used; null where it is, or where there is none.</returns>
    private string? AddExtension(ConfiguredStream stream, EngineChoice choice)
    {
        if (stream.Options.Model.CpuExtension is { } configured)
        {
            if (choice.Engine != ModelEngine.OpenVino)
                return $"Model:CpuExtension {configured} is not used: {NoExtensions}";
            AddConfigured(configured);
            return null;
        }

        return stream.ParamCpuExtension is { } path && WhyIgnored(path, choice) is { } reason
            ? $"{ParamVariables.Prefix + ParamVariables.CpuExtension}={path} is ignored: {reason}"
            : null;
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

    /// <returns>Null where OpenVINO takes it.</returns>
    private string? WhyIgnored(string path, EngineChoice choice)
    {
        if (choice.Engine != ModelEngine.OpenVino)
            return NoExtensions;
        try
        {
            openVino.AddExtension(path);
            return null;
        }
        catch (InferenceException exception)
        {
            return exception.Message;
        }
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "{Stream}: {Warning}")]
    private partial void LogWarning(string stream, string warning);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "{Stream}: engine {Engine} on {Device}: {Reason}")]
    private partial void LogChoice(string stream, string engine, string device, string reason);
}
