namespace EdgeInference.Publishing.Outbox;

/// <summary>Puts the reports of a stream into the outbox, from where the stream's other publishers take them.</summary>
public sealed class OutboxPublisher(ReportOutbox outbox, bool wantsJpeg) : IBatchPublisher
{
    /// <summary>Its name among the stream's publishers.</summary>
    public const string Name = "Outbox";

    public int MaxReports => int.MaxValue;

    public bool WantsJpeg => wantsJpeg;

    public bool WantsMessages => true;

    public string Destination => outbox.Path;

    public async ValueTask PublishAsync(IReadOnlyList<Report> reports, CancellationToken cancellationToken) => await outbox.AppendAsync(reports);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
