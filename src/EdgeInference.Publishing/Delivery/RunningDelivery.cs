namespace EdgeInference.Publishing.Delivery;

/// <summary>A loop that runs from the start of the service, or from now where that is past, until it is disposed.</summary>
internal sealed class RunningDelivery(DurablePublisher publisher, DeliveryLoop loop) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;

    public DurablePublisher Publisher => publisher;

    public DeliveryLoop Loop => loop;

    /// <param name="publisher">Who delivers.</param>
    /// <param name="loop">Its loop.</param>
    /// <param name="started">Ends with the start of the service.</param>
    public static RunningDelivery Begin(DurablePublisher publisher, DeliveryLoop loop, Task started)
    {
        var delivery = new RunningDelivery(publisher, loop);
        delivery._running = delivery.RunAsync(started);
        return delivery;
    }

    /// <summary>Ends the loop; the publisher is left as it is.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task RunAsync(Task started)
    {
        await started.WaitAsync(_end.Token);
        await loop.RunAsync(_end.Token);
    }
}
