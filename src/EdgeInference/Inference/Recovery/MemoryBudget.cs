using Microsoft.Extensions.Logging;

namespace EdgeInference.Inference.Recovery;

/// <summary>
/// Retires a session when the process has grown by more than a budget since that session's engine was warm. The next
/// engine is measured anew: memory that something else holds costs one recycling, not one after another. One engine of
/// the process at a time, because recycling it may be all that is needed.
/// </summary>
/// <param name="stream">The stream's name.</param>
/// <param name="bytes">The budget.</param>
/// <param name="process">The process, as all its streams see it.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The stream's log.</param>
internal sealed partial class MemoryBudget(string stream, long bytes, ProcessMemory process, TimeProvider time, ILogger logger)
{
    private const double Megabyte = 1_000_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private InferenceSession? _session;
    private InferenceSession? _recycled;
    private long _level;

    /// <summary>Looks once a second until the token ends it; at once where there is no budget.</summary>
    /// <param name="current">Gives the session of the moment; null while there is none.</param>
    /// <param name="cancellationToken">Ends it, without an exception.</param>
    public async Task RunAsync(Func<InferenceSession?> current, CancellationToken cancellationToken)
    {
        if (bytes <= 0)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (current() is { } session)
                    Look(session);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stream ends.
        }
    }

    internal void Look(InferenceSession session)
    {
        if (session.Inferred < InferenceSession.WarmUp || session.Retired.IsCompleted)
            return;
        long resident = process.ResidentBytes;
        if (session != _session)
            (_session, _level) = (session, resident);
        else if (resident - _level > bytes && process.TryBeginRecycling())
            Recycle(session, resident);
    }

    /// <summary>The session's successor has been made, or that has failed: another stream may have its turn.</summary>
    public void Finish(InferenceSession retired)
    {
        if (Interlocked.CompareExchange(ref _recycled, null, retired) == retired)
            process.EndRecycling();
    }

    private void Recycle(InferenceSession session, long resident)
    {
        Volatile.Write(ref _recycled, session);
        if (session.Retire(fault: null))
            LogRecycled(stream, resident / Megabyte, (resident - _level) / Megabyte, bytes / Megabyte);
        else
            Finish(session);
    }

    [LoggerMessage(EventId = 2030, Level = LogLevel.Warning, Message = "{Stream}: {Resident:0} MB resident, {Growth:0} MB more than when the engine was warm, of which the memory budget allows {Budget:0} MB: the engine is recycled")]
    private partial void LogRecycled(string stream, double resident, double growth, double budget);
}
