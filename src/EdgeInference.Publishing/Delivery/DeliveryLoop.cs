using System.Diagnostics.CodeAnalysis;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Delivery;

/// <summary>
/// Takes the reports of one stream out of the outbox and gives them to one publisher, in order, until it has taken
/// them: again after a failure, for ever. Only a report that is itself at fault is set aside.
/// </summary>
internal sealed partial class DeliveryLoop(
    OutboxCursor cursor, IPublisher publisher, RetryBackoff backoff, TimeProvider time, ILogger logger)
{
    private readonly int _largestBatch = publisher is IBatchPublisher batch ? batch.MaxReports : 1;
    private readonly OutageNews _news = new(time);

    // One after a failure, then doubled with each success: what a publisher refuses is refused before what comes behind
    // it is sent, so that the order holds.
    private int _batchSize = 1;
    private bool _isTurnOfRequeued;
    private bool _isFailing;
    private long _delivered;
    private long _setAside;

    public CursorKey Key => cursor.Key;

    public string Destination => publisher.Destination;

    /// <summary>Results delivered since the start.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Reports set aside since the start.</summary>
    public long SetAside => Interlocked.Read(ref _setAside);

    /// <summary>Whether the last attempt to deliver has failed, or none can be made.</summary>
    public bool IsFailing => Volatile.Read(ref _isFailing) || publisher.IsAway;

    public bool IsUpToDate => cursor.IsUpToDate;

    public long Position => cursor.Position;

    /// <summary>Runs until the token ends it, whatever goes wrong.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What fails here is reading the outbox; it is tried again, as all else is.")]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await DeliverNextAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                await WaitAsync(new PublishException(PublishFailure.Temporary, exception.Message, exception), cancellationToken);
            }
        }
    }

    private async Task DeliverNextAsync(CancellationToken cancellationToken)
    {
        // In turn, so that neither holds the other back for long.
        _isTurnOfRequeued = !_isTurnOfRequeued;
        if (_isTurnOfRequeued && await cursor.ReadRequeuedAsync() is { } requeued)
        {
            await DeliverRequeuedAsync(requeued, cancellationToken);
            return;
        }

        IReadOnlyList<StoredReport> reports = await cursor.ReadAsync(_batchSize, publisher.WantsJpeg, cancellationToken);
        if (reports.Count > 0)
            await DeliverAsync(reports, cancellationToken);
    }

    private async Task DeliverAsync(IReadOnlyList<StoredReport> reports, CancellationToken cancellationToken)
    {
        PublishException? failure = await PublishAsync(reports, cancellationToken);
        int delivered = failure?.Delivered ?? reports.Count;
        if (delivered > 0)
        {
            int results = reports.Take(delivered).Count(static stored => stored.Report.Kind == ReportKind.Result);
            Interlocked.Add(ref _delivered, results);
            await WriteDownAsync(cursor.AdvanceAsync(reports[delivered - 1].Seq, results));
        }

        if (failure is null)
            Succeed();
        else if (failure.Failure != PublishFailure.Permanent || !await TrySetAsideAsync(reports[delivered], failure.Message))
            await WaitAsync(failure, cancellationToken);
    }

    private async Task DeliverRequeuedAsync(StoredReport report, CancellationToken cancellationToken)
    {
        PublishException? failure = await PublishAsync([report], cancellationToken);
        if (failure is null)
        {
            Interlocked.Add(ref _delivered, report.Report.Kind == ReportKind.Result ? 1 : 0);
            await WriteDownAsync(cursor.CompleteRequeuedAsync(report));
            Succeed();
        }
        else if (failure.Failure != PublishFailure.Permanent || !await TrySetAsideAsync(report, failure.Message))
        {
            await WaitAsync(failure, cancellationToken);
        }
    }

    /// <returns>Null when all reports have arrived.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "A publisher may fail in any way; this loop is where that ends.")]
    private async Task<PublishException?> PublishAsync(IReadOnlyList<StoredReport> reports, CancellationToken cancellationToken)
    {
        try
        {
            if (publisher is IBatchPublisher batch)
                await batch.PublishAsync([.. reports.Select(static stored => stored.Report)], cancellationToken);
            else
                await publisher.PublishAsync(reports[0].Report, cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is PublishException || !cancellationToken.IsCancellationRequested)
        {
            return PublishFailures.Of(exception, publisher.Destination);
        }
    }

    private void Succeed()
    {
        Volatile.Write(ref _isFailing, false);
        backoff.Reset();
        _batchSize = (int)Math.Min(2L * _batchSize, _largestBatch);
        Say(_news.Work(), PublishFailure.Temporary, "");
    }

    private async Task WaitAsync(PublishException failure, CancellationToken cancellationToken)
    {
        // What fails while the service stops is nobody's fault.
        cancellationToken.ThrowIfCancellationRequested();
        Volatile.Write(ref _isFailing, true);
        _batchSize = 1;
        Say(_news.Fail((int)failure.Failure), failure.Failure, failure.Message);
        await Task.Delay(backoff.NextDelay(), time, cancellationToken);
    }

    /// <returns>False when the outbox could not write it down: then the report is tried again.</returns>
    private async Task<bool> TrySetAsideAsync(StoredReport stored, string reason)
    {
        try
        {
            await cursor.SetAsideAsync(stored.Seq, reason);
        }
        catch (OutboxException)
        {
            // The outbox has told why; the caller says that this publisher waits.
            return false;
        }

        _batchSize = 1;
        Interlocked.Increment(ref _setAside);
        LogSetAside(Key.Stream, Key.Publisher, stored.Report.Id, reason);
        return true;
    }

    private static async Task WriteDownAsync(Task writing)
    {
        try
        {
            await writing;
        }
        catch (OutboxException)
        {
            // Delivered all the same; the next write that works holds this one too, and after a restart before that the report is repeated.
        }
    }
}
