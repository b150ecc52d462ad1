namespace EdgeInference.Publishing;

/// <summary>The publishers of one stream, each behind its own queue.</summary>
/// <param name="queues">One for each publisher.</param>
/// <param name="wait">Whether reports wait for room: right for files, which wait in turn; a live source must not be held up.</param>
internal sealed class PublisherSet(IReadOnlyList<PublisherQueue> queues, bool wait) : IAsyncDisposable
{
    public IReadOnlyList<PublisherQueue> Queues => queues;

    public bool WantJpeg => queues.Any(static queue => queue.WantsJpeg);

    public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
    {
        foreach (PublisherQueue queue in queues)
            await queue.EnqueueAsync(report, wait, cancellationToken);
    }

    /// <summary>Runs all queues until <see cref="Complete"/> was called and they are empty.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(queues.Select(queue => queue.RunAsync(cancellationToken)));

    public void Complete()
    {
        foreach (PublisherQueue queue in queues)
            queue.Complete();
    }

    /// <summary>Gives up what is not published yet.</summary>
    public void Abandon()
    {
        foreach (PublisherQueue queue in queues)
            queue.Abandon();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PublisherQueue queue in queues)
            await queue.DisposeAsync();
    }
}
