using EdgeInference.Annotation;
using EdgeInference.Capture;
using EdgeInference.Functions;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;
using EdgeInference.Publishing;
using EdgeInference.Reporting;

namespace EdgeInference.Streams;

/// <summary>All that one stream is made of. The stream owns the engine, those that follow it, the publishers and the encoder.</summary>
public sealed class StreamPlan
{
    public required string Name { get; init; }

    /// <summary>The source's name without credentials.</summary>
    public required string SourceName { get; init; }

    /// <summary>Opens the source, again after each loss of a live one.</summary>
    public required Func<IVideoSource> OpenSource { get; init; }

    /// <summary>Whether the source is live: then frames and reports are dropped rather than waited for.</summary>
    public required bool IsLive { get; init; }

    /// <summary>How long a live source may take to its first picture.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a live source may go without a picture.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public required InferenceModel Model { get; init; }

    public required IInferenceEngine Engine { get; init; }

    /// <summary>
    /// Compiles the model again, for when the engine has failed. Called on a thread of its own; throws
    /// <see cref="InferenceException"/> or <see cref="ModelException"/> while that is not possible.
    /// </summary>
    public required Func<IInferenceEngine> RebuildEngine { get; init; }

    /// <summary>Inference requests in flight, at least 1.</summary>
    public required int Requests { get; init; }

    /// <summary>How long a request may take before the engine counts as stuck.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that the process may grow by once the engine is warm; then the engine is recycled. 0: as many as it likes.</summary>
    public long MemoryBudget { get; init; }

    public required Preprocessor Preprocessor { get; init; }

    public required IInferenceFunction Function { get; init; }

    public required ReportingOptions Reporting { get; init; }

    /// <summary>Topic of the reports and messages.</summary>
    public required string Topic { get; init; }

    /// <summary>The publishers with their names in the configuration.</summary>
    public required IReadOnlyList<KeyValuePair<string, IPublisher>> Publishers { get; init; }

    public required IJpegEncoder Encoder { get; init; }
}
