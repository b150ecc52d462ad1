using EdgeInference.Publishing;

namespace EdgeInference.Tests.Publishing;

/// <summary>Keeps what it is given; fails for the reports it is told to refuse.</summary>
internal sealed class RecordingPublisher : IPublisher
{
    public List<string> Published { get; } = [];

    public List<Report> Reports { get; } = [];

    public HashSet<string> Refused { get; } = [];

    public bool WantsJpeg { get; init; }

    public bool WantsMessages { get; init; }

    public string Destination => "a list";

    public ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
    {
        if (Refused.Contains(report.Summary))
            throw new IOException("refused");
        Published.Add(report.Summary);
        Reports.Add(report);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
