using EdgeInference.Reporting;

namespace EdgeInference.Service.Commands;

/// <summary>What has come of a command with one stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Fault">Why it is not done; null when it is.</param>
internal sealed record StreamReply(string Stream, string? Fault = null)
{
    /// <summary>The report that was made.</summary>
    public ReportReceipt? Report { get; init; }

    /// <summary>The interval that holds now.</summary>
    public TimeSpan? Interval { get; init; }
}
