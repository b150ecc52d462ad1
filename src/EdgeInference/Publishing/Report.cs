namespace EdgeInference.Publishing;

public enum ReportKind
{
    /// <summary>What a function found in a frame: JSON, perhaps with a picture.</summary>
    Result,

    /// <summary>A plain-text message about the stream itself, such as its end.</summary>
    Lifecycle,
}

/// <summary>What is published, the same object for all publishers of a stream. Immutable.</summary>
public sealed record Report
{
    /// <summary>Stays the same when a report is sent again (UUID version 7, so that ids sort by time).</summary>
    public required Guid Id { get; init; }

    public required string Stream { get; init; }

    /// <summary>Name of the stream's model.</summary>
    public required string Model { get; init; }

    public required ReportKind Kind { get; init; }

    /// <summary>When the frame was captured, or the message made; UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The topic for publishers that have topics.</summary>
    public required string Topic { get; init; }

    /// <summary>UTF-8: a JSON object for <see cref="ReportKind.Result"/>, plain text otherwise.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>One line for people.</summary>
    public required string Summary { get; init; }

    /// <summary>The annotated frame as JPEG; null when no publisher of the stream wants one, or there is no frame.</summary>
    public ReadOnlyMemory<byte>? Jpeg { get; init; }
}
