using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using EdgeInference.Native.Jpeg;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Reporting;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Makes a stream from its options: has its model loaded, and puts the parts together.</summary>
internal sealed class StreamFactory(
    StreamModels models,
    VideoSourceFactory sources,
    PublisherFactory publishers,
    ReportOutbox outbox,
    TimeProvider time,
    ILoggerFactory loggers)
{
    /// <param name="stream">The stream.</param>
    /// <param name="durable">Its publishers that take its reports from the outbox.</param>
    /// <param name="reporting">What may be asked of its reports; null: nothing.</param>
    /// <exception cref="StreamStartException">The device or the source is not there.</exception>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    /// <exception cref="LabelMapException">The label map cannot be used.</exception>
    /// <exception cref="InferenceException">The engine cannot be loaded.</exception>
    /// <exception cref="DllNotFoundException">Pictures are wanted and libjpeg-turbo is not installed.</exception>
    public StreamWorker Create(ConfiguredStream stream, IReadOnlyList<DurablePublisher> durable, ReportingControl? reporting = null)
    {
        StreamOptions options = stream.Options;
        SourceOptions source = options.Source;
        var pool = new FramePool();
        IVideoSource unopened = sources.Open(source, pool, stream.Name);
        List<KeyValuePair<string, IPublisher>> streamPublishers = CreatePublishers(stream, durable);
        if (streamPublishers.Exists(static publisher => publisher.Value.WantsJpeg))
            TurboJpegEncoder.EnsureInstalled();
        StreamModel model = models.Load(stream);

        return new StreamWorker(
            new StreamPlan
            {
                Name = options.Name!,
                SourceName = unopened.DisplayName,
                OpenSource = () => sources.Open(source, pool, stream.Name),
                IsLive = unopened.IsLive,
                ConnectTimeout = source.ConnectTimeout,
                StallTimeout = source.StallTimeout,
                Model = model,
                CompileTimeout = options.Model.CompileTimeout,
                RequestTimeout = options.Model.RequestTimeout,
                MemoryBudget = options.Model.MemoryBudget * 1_000_000L,
                SwapTimeFactor = options.Model.SwapTimeFactor,
                Reporting = options,
                ReportingControl = reporting,
                Topic = options.TopicName ?? StreamTopic.Default(model.Function is DetectionFunction, stream.IsFirst, stream.Name),
                Publishers = streamPublishers,
                Encoder = new TurboJpegEncoder(),
            },
            time,
            loggers.CreateLogger<StreamWorker>());
    }

    /// <summary>The stream's direct publishers, and the outbox where others take its reports from there.</summary>
    private List<KeyValuePair<string, IPublisher>> CreatePublishers(ConfiguredStream stream, IReadOnlyList<DurablePublisher> durable)
    {
        List<KeyValuePair<string, IPublisher>> all = [.. publishers.CreateDirect(stream)];
        if (durable.Count > 0)
            all.Add(KeyValuePair.Create<string, IPublisher>(OutboxPublisher.Name, new OutboxPublisher(outbox, durable.Any(static publisher => publisher.Publisher.WantsJpeg))));
        return all;
    }
}
