namespace EdgeInference.Publishing.Outbox;

/// <summary>A report as the outbox keeps it.</summary>
/// <param name="Seq">Its place among all reports; grows, and is never used twice.</param>
/// <param name="Report">The report; without its picture where that was not asked for.</param>
public readonly record struct StoredReport(long Seq, Report Report);

/// <summary>A publisher of a stream.</summary>
public readonly record struct CursorKey(string Stream, string Publisher);

/// <summary>Who takes reports from the outbox.</summary>
/// <param name="Key">The stream and the publisher.</param>
/// <param name="WantsMessages">Whether it takes messages about the stream too; else it is given results only.</param>
public readonly record struct OutboxReader(CursorKey Key, bool WantsMessages);

/// <summary>How far a publisher of a stream is.</summary>
/// <param name="Key">The stream and the publisher.</param>
/// <param name="IsConfigured">Whether it was configured when the service last started; what is left is delivered when it is again.</param>
/// <param name="Waiting">What it takes and has not delivered yet.</param>
/// <param name="OldestWaiting">When the oldest of them was made; null when none waits.</param>
/// <param name="Delivered">Results delivered since the outbox was made.</param>
/// <param name="SetAside">Those that the publisher refused for good.</param>
/// <param name="Evicted">Those that were lost to the quota before they were delivered.</param>
public sealed record CursorStatistics(
    CursorKey Key, bool IsConfigured, long Waiting, DateTimeOffset? OldestWaiting, long Delivered, long SetAside, long Evicted);

/// <summary>A report that a publisher refused for good.</summary>
/// <param name="Seq">Its place in the outbox.</param>
/// <param name="Id">The report's id.</param>
/// <param name="Key">The stream and the publisher.</param>
/// <param name="Timestamp">When it was made.</param>
/// <param name="Bytes">Size of its payload and picture.</param>
/// <param name="IsRequeued">Whether it waits to be tried again.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record SetAsideReport(
    long Seq, Guid Id, CursorKey Key, DateTimeOffset Timestamp, long Bytes, bool IsRequeued, string Reason);
