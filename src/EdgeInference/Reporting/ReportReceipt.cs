namespace EdgeInference.Reporting;

/// <summary>What tells a report that was made from all others.</summary>
/// <param name="Id">Its id, with which it is delivered.</param>
/// <param name="Timestamp">The time in its payload.</param>
/// <param name="FrameId">The frame that it is about; counts decoded frames from 1.</param>
public sealed record ReportReceipt(Guid Id, DateTimeOffset Timestamp, long FrameId)
{
    /// <summary>Whether the publishers had no room for it in time: it still waits for that.</summary>
    public bool IsHeldUp { get; init; }
}
