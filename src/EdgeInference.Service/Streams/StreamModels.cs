using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Models.Caching;
using EdgeInference.Preprocessing;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Engines;
using EdgeInference.Service.Options;
using EdgeInference.Service.Reloading;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Loads the models of streams with all that goes with them; those that are equal share one engine.</summary>
internal sealed partial class StreamModels(EngineLoader engines, SharedModels shared, TimeProvider time, ILogger<StreamModels> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>The files that a stream's model consists of, whether they are there or not.</summary>
    public static IReadOnlyList<string> FilesOf(StreamOptions options) =>
        [.. ModelFile.FilesOf(options.Model.Path!), .. options.LabelMap is { } labels ? (string[])[labels] : []];

    /// <exception cref="StreamStartException">The device is not there.</exception>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    /// <exception cref="LabelMapException">The label map cannot be used.</exception>
    /// <exception cref="InferenceException">The engine cannot be loaded.</exception>
    public StreamModel Load(ConfiguredStream stream)
    {
        StreamOptions options = stream.Options;
        FileStamp[] files = Look(options);
        LabelMap labels = options.LabelMap is null ? LabelMap.Empty : LabelMap.Read(options.LabelMap);
        EngineChoice choice = engines.Choose(stream);
        long started = time.GetTimestamp();
        Compilation compiled;
        try
        {
            compiled = Compile(options, choice);
        }
        catch (ModelException exception) when (choice.Fallback is not null)
        {
            LogFallback(stream.Name, exception.Message);
            compiled = Compile(options, choice.Fallback);
        }

        try
        {
            if (!files.AsSpan().SequenceEqual(Look(options)))
                throw new ModelException($"{options.Model.Path}: changes while it is read");
            InferenceModel model = compiled.Model;
            var preprocessor = new Preprocessor(options.Preprocessing, model.Inputs[0]);
            IInferenceFunction function = CreateFunction(options, labels, model, preprocessor);
            // As many also where many streams run: threads that wait cost nothing, and one busy stream among idle ones needs them.
            int requests = options.Model.Requests > 0 ? options.Model.Requests : compiled.Engine.OptimalRequests;
            TimeSpan loading = time.GetElapsedTime(started);
            LogLoaded(stream.Name, model.Name, model.Format, function.Name, compiled.Engine.Description, requests, loading.TotalMilliseconds, compiled.Origin);
            return new StreamModel
            {
                Model = model,
                Engine = compiled.Engine,
                RebuildEngine = compiled.Rebuild,
                Requests = requests,
                Preprocessor = preprocessor,
                Function = function,
            };
        }
        catch
        {
            compiled.Engine.Dispose();
            throw;
        }
    }

    /// <summary>Loads a model whose files may be on their way to the disk just now.</summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    public StreamModel LoadWhole(ConfiguredStream stream)
    {
        ModelFile.CheckWhole(stream.Options.Model.Path!);
        return Load(stream);
    }

    private static FileStamp[] Look(StreamOptions options) => [.. FilesOf(options).Select(FileStamp.Of)];

    private Compilation Compile(StreamOptions options, EngineChoice choice)
    {
        ModelKey? key = engines.KeyOf(options.Model, choice);
        EngineOptions engineOptions = engines.OptionsFor(options.Model, choice);
        bool isRead = false;
        LoadedModel Read()
        {
            isRead = true;
            LoadedModel read = engines.Read(options.Model, choice, key);
            if (read.Model.Inputs.Count != 1)
                throw new ModelException($"{read.Model.Path}: has {read.Model.Inputs.Count} inputs ({string.Join(", ", read.Model.Inputs)}); a video model has one");
            return read;
        }

        // One that is to be recycled for the memory it takes cannot be shared: others would go on holding it.
        if (key is null || options.Model.MemoryBudget > 0)
        {
            LoadedModel own = Read();
            return new Compilation(own.Model, own.Compile(engineOptions), () => Again(own).Compile(engineOptions), OriginOf(own));
        }

        var use = new ModelUse(options.Model.Path!, key, choice.Engine, engineOptions);
        (LoadedModel loaded, SharedEngine engine) = shared.Get(use, Read);
        return new Compilation(loaded.Model, engine, () => shared.Get(use, () => Again(loaded)).Engine, isRead ? OriginOf(loaded) : "by another stream, which it shares the engine with");

        // What an engine reads by itself must be what it was when the model was tried.
        LoadedModel Again(LoadedModel known) => known.Model.Onnx.IsEmpty && !Equals(key, engines.KeyOf(options.Model, choice))
            ? throw new ModelException($"{known.Model.Path}: is not the file any more that the stream was started with") { AreFilesReplaced = true }
            : known;
    }

    private static string OriginOf(LoadedModel model) => model.IsCached ? "from the cache" : "from its file";

    /// <summary>Rows of detections, ranked as probabilities, would be reported as classes that nobody has trained.</summary>
    private static IInferenceFunction CreateFunction(StreamOptions options, LabelMap labels, InferenceModel model, Preprocessor preprocessor)
    {
        if (options.Function.For(model) == FunctionKind.Detection)
            return new DetectionFunction(options.Detection, labels, model, preprocessor.InputWidth ?? 1, preprocessor.InputHeight ?? 1);
        return model.DetectionOutputs.Count < model.Outputs.Count
            ? new ClassificationFunction(options.Classification, labels, model.Outputs)
            : throw new ModelException($"{options.Model.Path}: {nameof(options.Function)} is {FunctionKind.Classification}, and all that the model gives are detections ({string.Join(", ", model.Outputs)}): use {FunctionKind.Detection} or {FunctionKind.Auto}");
    }

    [LoggerMessage(EventId = 4000, Level = LogLevel.Information, Message = "{Stream}: model {Model} ({Format}), function {Function}, on {Engine}, {Requests} requests in flight; loaded in {Milliseconds:0} ms {Origin}")]
    private partial void LogLoaded(string stream, string model, string format, string function, string engine, int requests, double milliseconds, string origin);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "{Stream}: OpenVINO refuses the model, ONNX Runtime runs it instead: {Reason}")]
    private partial void LogFallback(string stream, string reason);

    /// <summary>A model in its engine, how to compile it again, and where it came from, for the log.</summary>
    private sealed record Compilation(InferenceModel Model, IInferenceEngine Engine, Func<IInferenceEngine> Rebuild, string Origin);
}
