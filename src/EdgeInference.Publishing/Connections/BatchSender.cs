namespace EdgeInference.Publishing.Connections;

/// <summary>Sends the reports of one batch, many before the first is confirmed, and counts those that have arrived from the first on.</summary>
internal sealed class BatchSender
{
    private readonly Queue<Task<PublishException?>> _sent = new();
    private int _delivered;

    /// <summary>Whether some are on their way.</summary>
    public bool HasUnconfirmed => _sent.Count > 0;

    /// <summary>One is on its way.</summary>
    /// <param name="confirmation">Completes with null when it has arrived, else with why not; the end of the connection completes it, too.</param>
    public void Add(Task<PublishException?> confirmation) => _sent.Enqueue(confirmation);

    /// <summary>Returns when all reports have arrived.</summary>
    /// <param name="reports">In their order.</param>
    /// <param name="trySend">Sends one, and adds it; else it returns why not.</param>
    /// <param name="cancellationToken">Ends it; what has arrived until then counts.</param>
    /// <exception cref="PublishException">Not all have.</exception>
    public async Task SendAsync(IReadOnlyList<Report> reports, Func<Report, Task<PublishException?>> trySend, CancellationToken cancellationToken)
    {
        PublishException? fault = null;
        try
        {
            foreach (Report report in reports)
            {
                fault = await trySend(report);
                if (fault is not null)
                    break;
                while (_sent.TryPeek(out Task<PublishException?>? first) && first.IsCompleted)
                    await ConfirmAsync(cancellationToken);
            }

            while (HasUnconfirmed)
                await ConfirmAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            while (_sent.TryPeek(out Task<PublishException?>? first) && first.IsCompletedSuccessfully && await first is null)
                CountFirst();
            if (_delivered == 0)
                throw;
            fault = new PublishException(PublishFailure.Temporary, "the service is stopping");
        }

        if (fault is not null)
            throw fault.After(_delivered);
    }

    /// <summary>Waits for the first that is on its way.</summary>
    /// <exception cref="PublishException">It has not arrived.</exception>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        if (await _sent.Peek().WaitAsync(cancellationToken) is { } unconfirmed)
        {
            // The next batch must not begin while these are on their way.
            await Task.WhenAll(_sent).WaitAsync(cancellationToken);
            throw unconfirmed.After(_delivered);
        }

        CountFirst();
    }

    private void CountFirst()
    {
        _ = _sent.Dequeue();
        _delivered++;
    }
}
