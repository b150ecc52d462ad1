namespace EdgeInference.Streams;

/// <summary>What a part of a stream is at.</summary>
/// <param name="Description">For people, as in "line1 connecting".</param>
/// <param name="Limit">How long it may go without a sign of life; null: as long as it likes.</param>
/// <param name="IsOutage">Whether the stream's work has stopped for it, which the log has said.</param>
public sealed record StreamActivity(string Description, TimeSpan? Limit = null, bool IsOutage = false)
{
    /// <summary>What every limit has on top, for a machine that is busy with something else.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);
}

/// <summary>A part of a stream at one moment.</summary>
/// <param name="Name">Capture or inference.</param>
/// <param name="Activity">What it is at.</param>
/// <param name="Signs">Grows with each sign of life: a frame, or something new that it is at.</param>
public readonly record struct StreamPart(string Name, StreamActivity Activity, long Signs);
