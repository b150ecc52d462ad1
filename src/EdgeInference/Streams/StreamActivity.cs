namespace EdgeInference.Streams;

public enum ActivityKind
{
    /// <summary>What it is there for, the waiting for more of that included.</summary>
    Work,

    /// <summary>What comes before.</summary>
    Preparation,

    /// <summary>Its work has stopped, which the log has said.</summary>
    Outage,
}

/// <summary>What a part of a stream is at.</summary>
/// <param name="Kind">Whether that is its work.</param>
/// <param name="Description">For people, as in "line1 connecting".</param>
/// <param name="Limit">How long it may go without a sign of life; null: as long as it likes.</param>
public sealed record StreamActivity(ActivityKind Kind, string Description, TimeSpan? Limit = null)
{
    /// <summary>What every limit has on top, for a machine that is busy with something else.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);
}

/// <summary>A part of a stream at one moment.</summary>
/// <param name="Name">Capture or inference.</param>
/// <param name="Activity">What it is at.</param>
/// <param name="Signs">Grows with each sign of life: a frame, or something new that it is at.</param>
public readonly record struct StreamPart(string Name, StreamActivity Activity, long Signs);
