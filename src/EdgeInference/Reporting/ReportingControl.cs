namespace EdgeInference.Reporting;

/// <summary>
/// What is asked of a stream's reports while it runs. Anybody may ask, on any thread; the stream looks here at each frame, which
/// costs it two reads. It may outlive the stream's worker, and then holds for the next one.
/// </summary>
/// <param name="interval">The configured interval.</param>
public sealed class ReportingControl(TimeSpan interval)
{
    private readonly Lock _lock = new();
    private long _interval = interval.Ticks;
    private volatile ReportRequest? _request;

    /// <summary>Least time between two reports, from the next frame on.</summary>
    public TimeSpan Interval
    {
        get => new(Volatile.Read(ref _interval));
        set => Volatile.Write(ref _interval, value.Ticks);
    }

    /// <summary>Whether somebody waits for a report.</summary>
    internal bool IsRequested => _request is not null;

    /// <summary>
    /// Asks for a report of the next frame that is inferred, and waits until it has been handed to the publishers. All who ask before
    /// it is made get the same one. Nothing is made when all of them have given up before.
    /// </summary>
    /// <returns>Null when none was made in that time.</returns>
    public async Task<ReportReceipt?> RequestReportAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        ReportRequest request = Join();
        try
        {
            return await request.HandedOver.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Leave(request) is { } made ? made with { IsHeldUp = true } : null;
        }
        catch (OperationCanceledException)
        {
            Leave(request);
            throw;
        }
    }

    /// <summary>Takes over the request, if there is one, for a report that is made: whoever asks from now on asks for another.</summary>
    internal ReportRequest? Take(ReportReceipt made)
    {
        if (_request is null)
            return null;
        lock (_lock)
        {
            ReportRequest? request = _request;
            if (request is not null)
                request.Made = made;
            _request = null;
            return request;
        }
    }

    private ReportRequest Join()
    {
        lock (_lock)
        {
            _request ??= new ReportRequest();
            _request.Waiting++;
            return _request;
        }
    }

    /// <returns>The report, where it is made nevertheless.</returns>
    private ReportReceipt? Leave(ReportRequest request)
    {
        lock (_lock)
        {
            request.Waiting--;
            if (request.Waiting == 0 && _request == request)
                _request = null;
            return request.Made;
        }
    }
}
