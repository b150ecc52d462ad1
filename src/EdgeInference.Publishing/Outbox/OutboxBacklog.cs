namespace EdgeInference.Publishing.Outbox;

/// <summary>What waits in the outbox for the publisher of each stream that is furthest behind.</summary>
/// <param name="Reports">How many.</param>
/// <param name="IsAll">False where there are more: counting goes on to a limit only.</param>
/// <param name="Oldest">When the oldest was made; null when none waits.</param>
public readonly record struct OutboxBacklog(int Reports, bool IsAll, DateTimeOffset? Oldest)
{
    public static OutboxBacklog None { get; } = new(0, IsAll: true, Oldest: null);

    internal OutboxBacklog Add(OutboxBacklog other) => new(
        Reports + other.Reports, IsAll && other.IsAll, Oldest is null || other.Oldest < Oldest ? other.Oldest ?? Oldest : Oldest);
}
