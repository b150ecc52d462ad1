using EdgeInference.Publishing;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>Counts what another publisher has delivered, and how long after it was appended.</summary>
/// <param name="inner">Who delivers; null when counting is all.</param>
/// <param name="wantsJpeg">Where there is no other: whether it wants pictures.</param>
/// <param name="progress">Where it counts.</param>
internal sealed class MeasuredPublisher(IBatchPublisher? inner, bool wantsJpeg, Progress progress) : IBatchPublisher
{
    public int MaxReports => inner?.MaxReports ?? 100;

    public bool WantsJpeg => wantsJpeg;

    public bool WantsMessages => true;

    public string Destination => inner?.Destination ?? "nowhere";

    public async ValueTask PublishAsync(IReadOnlyList<Report> reports, CancellationToken cancellationToken)
    {
        if (inner is not null)
            await inner.PublishAsync(reports, cancellationToken);
        progress.AddDelivered(reports);
    }

    public ValueTask DisposeAsync() => inner?.DisposeAsync() ?? ValueTask.CompletedTask;
}
