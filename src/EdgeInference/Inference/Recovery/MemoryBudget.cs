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
/// <param name="logger">The stream's log.</param>
internal sealed partial class MemoryBudget(string stream, long bytes, ProcessMemory process, ILogger logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const double Megabyte = 1_000_000;

    private InferenceSession? _session;
    private InferenceSession? _recycled;
    private long _level;

    /// <summary>Looks, once in each <see cref="Interval"/>; does nothing where there is no budget.</summary>
    public void Look(InferenceSession session)
    {
        if (bytes <= 0 || session.Inferred < InferenceSession.WarmUp || session.Retired.IsCompleted)
            return;
        long resident = process.ResidentBytes;
        if (session != _session)
            (_session, _level) = (session, resident);
        else if (resident - _level > bytes && process.TryBeginRecycling())
            Recycle(session, resident);
    }

    /// <summary>
    /// The session has been released: another stream may have its turn. Not only once it has a successor, which may be long
    /// in coming.
    /// </summary>
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
