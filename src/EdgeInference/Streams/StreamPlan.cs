using EdgeInference.Annotation;
using EdgeInference.Capture;
using EdgeInference.Inference;
using EdgeInference.Publishing;
using EdgeInference.Reporting;

namespace EdgeInference.Streams;

/// <summary>All that one stream is made of. The stream owns the model's engine, those that follow it, the publishers and the encoder.</summary>
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

    /// <summary>The model that the stream starts with.</summary>
    public required StreamModel Model { get; init; }

    /// <summary>How long compiling the model again may take before whoever watches over the stream is to step in.</summary>
    public TimeSpan CompileTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a request may take before the engine counts as stuck.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that the process may grow by once the engine is warm; then the engine is recycled. 0: as many as it likes.</summary>
    public long MemoryBudget { get; init; }

    /// <summary>So many times the time of an inference one of a new model may take; 0: as long as it likes.</summary>
    public double SwapTimeFactor { get; init; } = 3;

    public required ReportingOptions Reporting { get; init; }

    /// <summary>What may be asked of its reports while it runs; null: nothing.</summary>
    public ReportingControl? ReportingControl { get; init; }

    /// <summary>Topic of the reports and messages.</summary>
    public required string Topic { get; init; }

    /// <summary>The publishers with their names in the configuration.</summary>
    public required IReadOnlyList<KeyValuePair<string, IPublisher>> Publishers { get; init; }

    public required IJpegEncoder Encoder { get; init; }
}
