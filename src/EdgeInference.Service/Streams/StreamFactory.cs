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
using EdgeInference.Service.Options;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Makes a stream from its options: reads its files, compiles its model, and puts the parts together.</summary>
internal sealed partial class StreamFactory(
    ServiceConfiguration configuration,
    ModelLoader models,
    VideoSourceFactory sources,
    PublisherFactory publishers,
    IReadOnlyList<DurablePublisher> durablePublishers,
    ReportOutbox outbox,
    TimeProvider time,
    ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<StreamFactory>();

    /// <exception cref="StreamStartException">The device or the source is not there.</exception>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    /// <exception cref="LabelMapException">The label map cannot be used.</exception>
    /// <exception cref="InferenceException">The engine cannot be loaded.</exception>
    /// <exception cref="DllNotFoundException">Pictures are wanted and libjpeg-turbo is not installed.</exception>
    public StreamWorker Create(StreamOptions options)
    {
        if (DeviceChoice.OnCpuOnly(options.Model.Device) is { } warning)
            LogWarning(options.Name!, warning);
        SourceOptions source = options.Source;
        var pool = new FramePool();
        IVideoSource unopened = sources.Open(source, pool);
        long started = time.GetTimestamp();
        LoadedModel loaded = models.Read(options.Model.Path!, options.Model.FileOptions);
        InferenceModel model = loaded.Model;
        LabelMap labels = options.LabelMap is null ? LabelMap.Empty : LabelMap.Read(options.LabelMap);
        if (model.Inputs.Count != 1)
            throw new ModelException($"{model.Path}: has {model.Inputs.Count} inputs ({string.Join(", ", model.Inputs)}); a video model has one");
        var preprocessor = new Preprocessor(options.Preprocessing, model.Inputs[0]);
        IInferenceFunction function = CreateFunction(options, labels, model, preprocessor);
        int requests = options.Model.Requests > 0 ? options.Model.Requests : Environment.ProcessorCount;
        List<KeyValuePair<string, IPublisher>> streamPublishers = CreatePublishers(options);
        if (streamPublishers.Exists(static publisher => publisher.Value.WantsJpeg))
            TurboJpegEncoder.EnsureInstalled();
        var engineOptions = new EngineOptions { ThreadsPerRequest = options.Model.ThreadsPerRequest };
        IInferenceEngine engine = loaded.Compile(engineOptions);
        TimeSpan loading = time.GetElapsedTime(started);
        string origin = loaded.IsCached ? "from the cache" : "from its file";
        LogLoaded(options.Name!, model.Name, model.Format, function.Name, engine.Description, requests, loading.TotalMilliseconds, origin);

        return new StreamWorker(
            new StreamPlan
            {
                Name = options.Name!,
                SourceName = unopened.DisplayName,
                OpenSource = () => sources.Open(source, pool),
                IsLive = unopened.IsLive,
                Model = model,
                Engine = engine,
                RebuildEngine = () => loaded.Compile(engineOptions),
                Requests = requests,
                RequestTimeout = options.Model.RequestTimeout,
                MemoryBudget = options.Model.MemoryBudget * 1_000_000L,
                Preprocessor = preprocessor,
                Function = function,
                Reporting = options,
                Topic = options.TopicName ?? DefaultTopic(options, function),
                Publishers = streamPublishers,
                Encoder = new TurboJpegEncoder(),
            },
            time,
            loggers.CreateLogger<StreamWorker>());
    }

    private static IInferenceFunction CreateFunction(StreamOptions options, LabelMap labels, InferenceModel model, Preprocessor preprocessor) =>
        options.Function.For(model) == FunctionKind.Detection
            ? new DetectionFunction(options.Detection, labels, model, preprocessor.InputWidth ?? 1, preprocessor.InputHeight ?? 1)
            : new ClassificationFunction(options.Classification, labels, model.Outputs);

    /// <summary>The samples' topic for the first stream; the others have their name behind it.</summary>
    private string DefaultTopic(StreamOptions options, IInferenceFunction function)
    {
        string topic = function is DetectionFunction ? "openvino/ssd" : "openvino/classification";
        return options == configuration.Options.Streams[0] ? topic : $"{topic}/{options.Name}";
    }

    /// <summary>The stream's direct publishers, and the outbox where others take its reports from there.</summary>
    private List<KeyValuePair<string, IPublisher>> CreatePublishers(StreamOptions options)
    {
        List<KeyValuePair<string, IPublisher>> all = [.. publishers.CreateDirect(options)];
        DurablePublisher[] durable = [.. durablePublishers.Where(publisher => publisher.Key.Stream == options.Name)];
        if (durable.Length > 0)
            all.Add(KeyValuePair.Create<string, IPublisher>(OutboxPublisher.Name, new OutboxPublisher(outbox, durable.Any(static publisher => publisher.Publisher.WantsJpeg))));
        return all;
    }

    [LoggerMessage(EventId = 4000, Level = LogLevel.Information, Message = "{Stream}: model {Model} ({Format}), function {Function}, on {Engine}, {Requests} requests in flight; loaded in {Milliseconds:0} ms {Origin}")]
    private partial void LogLoaded(string stream, string model, string format, string function, string engine, int requests, double milliseconds, string origin);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "{Stream}: {Warning}")]
    private partial void LogWarning(string stream, string warning);
}
