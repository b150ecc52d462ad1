using Microsoft.Extensions.Logging;

namespace EdgeInference.Inference.Recovery;

/// <summary>The calls of a stream that its engines have not returned from: inferences, and releases of whole engines.</summary>
internal sealed partial class AbandonedCalls(string stream, StuckEngines engines, ILogger logger)
{
    private int _count;

    /// <summary>Those that have not come back so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <param name="session">Whose engine is stuck.</param>
    /// <param name="call">In what, for people.</param>
    public void Add(InferenceSession session, string call)
    {
        Interlocked.Increment(ref _count);
        int stuck = engines.Add(session);
        LogAbandoned(stream, call, stuck);
    }

    /// <summary>One has come back after all, and what it held is released. May overtake its <see cref="Add"/>.</summary>
    public void Remove(InferenceSession session)
    {
        Interlocked.Decrement(ref _count);
        int stuck = engines.Remove(session);
        LogReturned(stream, stuck);
    }

    [LoggerMessage(EventId = 2010, Level = LogLevel.Warning, Message = "{Stream}: the engine does not return from {Call}; what that holds is abandoned ({Abandoned} such in this process)")]
    private partial void LogAbandoned(string stream, string call, int abandoned);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Information, Message = "{Stream}: what was abandoned has returned after all and is released ({Abandoned} such left in this process)")]
    private partial void LogReturned(string stream, int abandoned);
}
