using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using EdgeInference.Models.Caching;
using EdgeInference.Native.Jpeg;
using EdgeInference.Preprocessing;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Engines;
using EdgeInference.Service.Options;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Makes a stream from its options: reads its files, compiles its model, and puts the parts together.</summary>
internal sealed partial class StreamFactory(
    EngineLoader engines,
    VideoSourceFactory sources,
    PublisherFactory publishers,
    ReportOutbox outbox,
    TimeProvider time,
    ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<StreamFactory>();

    /// <param name="stream">The stream.</param>
    /// <param name="durable">Its publishers that take its reports from the outbox.</param>
    /// <exception cref="StreamStartException">The device or the source is not there.</exception>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    /// <exception cref="LabelMapException">The label map cannot be used.</exception>
    /// <exception cref="InferenceException">The engine cannot be loaded.</exception>
    /// <exception cref="DllNotFoundException">Pictures are wanted and libjpeg-turbo is not installed.</exception>
    public StreamWorker Create(ConfiguredStream stream, IReadOnlyList<DurablePublisher> durable)
    {
        StreamOptions options = stream.Options;
        SourceOptions source = options.Source;
        var pool = new FramePool();
        IVideoSource unopened = sources.Open(source, pool);
        LabelMap labels = options.LabelMap is null ? LabelMap.Empty : LabelMap.Read(options.LabelMap);
        List<KeyValuePair<string, IPublisher>> streamPublishers = CreatePublishers(stream, durable);
        if (streamPublishers.Exists(static publisher => publisher.Value.WantsJpeg))
            TurboJpegEncoder.EnsureInstalled();
        StreamModel model = LoadModel(stream, labels);

        return new StreamWorker(
            new StreamPlan
            {
                Name = options.Name!,
                SourceName = unopened.DisplayName,
                OpenSource = () => sources.Open(source, pool),
                IsLive = unopened.IsLive,
                ConnectTimeout = source.ConnectTimeout,
                StallTimeout = source.StallTimeout,
                Model = model.Model,
                Engine = model.Engine,
                RebuildEngine = model.Rebuild,
                Requests = RequestsOf(options, model.Engine),
                RequestTimeout = options.Model.RequestTimeout,
                MemoryBudget = options.Model.MemoryBudget * 1_000_000L,
                Preprocessor = model.Preprocessor,
                Function = model.Function,
                Reporting = options,
                Topic = options.TopicName ?? DefaultTopic(stream, model.Function),
                Publishers = streamPublishers,
                Encoder = new TurboJpegEncoder(),
            },
            time,
            loggers.CreateLogger<StreamWorker>());
    }

    private static int RequestsOf(StreamOptions options, IInferenceEngine engine) =>
        options.Model.Requests > 0 ? options.Model.Requests : engine.OptimalRequests;

    private StreamModel LoadModel(ConfiguredStream stream, LabelMap labels)
    {
        StreamOptions options = stream.Options;
        EngineChoice choice = engines.Choose(stream);
        long started = time.GetTimestamp();
        (LoadedModel loaded, Preprocessor preprocessor, IInferenceFunction function) = ReadModel(options, labels, choice);
        IInferenceEngine engine;
        try
        {
            engine = loaded.Compile(engines.OptionsFor(options.Model, choice));
        }
        catch (ModelException exception) when (choice.Fallback is not null)
        {
            LogFallback(options.Name!, exception.Message);
            choice = choice.Fallback;
            (loaded, preprocessor, function) = ReadModel(options, labels, choice);
            engine = loaded.Compile(engines.OptionsFor(options.Model, choice));
        }

        InferenceModel model = loaded.Model;
        TimeSpan loading = time.GetElapsedTime(started);
        int requests = RequestsOf(options, engine);
        string origin = loaded.IsCached ? "from the cache" : "from its file";
        LogLoaded(options.Name!, model.Name, model.Format, function.Name, engine.Description, requests, loading.TotalMilliseconds, origin);
        return new StreamModel(model, engine, () => loaded.Compile(engines.OptionsFor(options.Model, choice)), preprocessor, function);
    }

    private (LoadedModel Loaded, Preprocessor Preprocessor, IInferenceFunction Function) ReadModel(StreamOptions options, LabelMap labels, EngineChoice choice)
    {
        LoadedModel loaded = engines.Read(options.Model, choice);
        InferenceModel model = loaded.Model;
        if (model.Inputs.Count != 1)
            throw new ModelException($"{model.Path}: has {model.Inputs.Count} inputs ({string.Join(", ", model.Inputs)}); a video model has one");
        var preprocessor = new Preprocessor(options.Preprocessing, model.Inputs[0]);
        return (loaded, preprocessor, CreateFunction(options, labels, model, preprocessor));
    }

    private static IInferenceFunction CreateFunction(StreamOptions options, LabelMap labels, InferenceModel model, Preprocessor preprocessor) =>
        options.Function.For(model) == FunctionKind.Detection
            ? new DetectionFunction(options.Detection, labels, model, preprocessor.InputWidth ?? 1, preprocessor.InputHeight ?? 1)
            : new ClassificationFunction(options.Classification, labels, model.Outputs);

    /// <summary>The samples' topic for the first stream; the others have their name behind it.</summary>
    private static string DefaultTopic(ConfiguredStream stream, IInferenceFunction function)
    {
        string topic = function is DetectionFunction ? "openvino/ssd" : "openvino/classification";
        return stream.IsFirst ? topic : $"{topic}/{stream.Name}";
    }

    /// <summary>The stream's direct publishers, and the outbox where others take its reports from there.</summary>
    private List<KeyValuePair<string, IPublisher>> CreatePublishers(ConfiguredStream stream, IReadOnlyList<DurablePublisher> durable)
    {
        List<KeyValuePair<string, IPublisher>> all = [.. publishers.CreateDirect(stream)];
        if (durable.Count > 0)
            all.Add(KeyValuePair.Create<string, IPublisher>(OutboxPublisher.Name, new OutboxPublisher(outbox, durable.Any(static publisher => publisher.Publisher.WantsJpeg))));
        return all;
    }

    [LoggerMessage(EventId = 4000, Level = LogLevel.Information, Message = "{Stream}: model {Model} ({Format}), function {Function}, on {Engine}, {Requests} requests in flight; loaded in {Milliseconds:0} ms {Origin}")]
    private partial void LogLoaded(string stream, string model, string format, string function, string engine, int requests, double milliseconds, string origin);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "{Stream}: OpenVINO refuses the model, ONNX Runtime runs it instead: {Reason}")]
    private partial void LogFallback(string stream, string reason);

    /// <summary>A model in its engine, and what makes frames its input and results of its output.</summary>
    private sealed record StreamModel(InferenceModel Model, IInferenceEngine Engine, Func<IInferenceEngine> Rebuild, Preprocessor Preprocessor, IInferenceFunction Function);
}
