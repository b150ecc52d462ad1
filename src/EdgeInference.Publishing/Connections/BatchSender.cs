namespace EdgeInference.Publishing.Connections;

/// <summary>Sends the reports of one batch, many before the first is confirmed, and counts those that have arrived from the first on.</summary>
internal sealed class BatchSender
{
    private readonly Queue<Task<PublishException?>> _sent = new();
    private int _delivered;

    /// <summary>Returns when all reports have arrived.</summary>
    /// <param name="reports">In their order.</param>
    /// <param name="trySend">
    /// Sends one. It gives why it does not; or else what completes with null when the report has arrived, and with why not where it has
    /// not: the end of the connection completes that, too.
    /// </param>
    /// <param name="waitsForOthers">Which ones must not be sent before all earlier ones have arrived.</param>
    /// <param name="cancellationToken">Ends it; what has arrived until then counts.</param>
    /// <exception cref="PublishException">Not all have.</exception>
    public async Task SendAsync(
        IReadOnlyList<Report> reports,
        Func<Report, Task<(PublishException? Fault, Task<PublishException?>? Confirmation)>> trySend,
        Func<Report, bool> waitsForOthers,
        CancellationToken cancellationToken)
    {
        PublishException? fault = null;
        try
        {
            foreach (Report report in reports)
            {
                while (_sent.Count > 0 && waitsForOthers(report))
                    await ConfirmAsync(cancellationToken);
                (fault, Task<PublishException?>? confirmation) = await trySend(report);
                if (confirmation is null)
                    break;
                _sent.Enqueue(confirmation);
                while (_sent.TryPeek(out Task<PublishException?>? first) && first.IsCompleted)
                    await ConfirmAsync(cancellationToken);
            }

            while (_sent.Count > 0)
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
    private async Task ConfirmAsync(CancellationToken cancellationToken)
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
