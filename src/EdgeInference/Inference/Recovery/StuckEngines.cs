namespace EdgeInference.Inference.Recovery;

/// <summary>
/// The engines of this process that do not return from a call, with the number of such calls. Keeps them from being
/// collected: the engine may still write to the tensors of a request that it never gave back.
/// </summary>
internal sealed class StuckEngines
{
    /// <summary>
    /// A stuck engine keeps a model's memory, typically 50 to 200 MB, and a thread for each stuck request. So many are
    /// what a small box can bear; a device that hangs more often is not cured by one more engine. Engines are counted and
    /// not requests, because all requests of an engine hang together.
    /// </summary>
    public const int Most = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<InferenceSession, int> _calls = [];

    /// <summary>Those of this process.</summary>
    public static StuckEngines OfProcess { get; } = new();

    /// <summary>Whether that has ended a stream, which a new process would cure.</summary>
    public bool HaveEndedAStream { get; private set; }

    /// <summary>Whether this one is stuck as well, and there are more than <see cref="Most"/>: then its stream is to end.</summary>
    public bool IsOneTooMany(InferenceSession session)
    {
        lock (_lock)
        {
            if (_calls.Count <= Most || !_calls.ContainsKey(session))
                return false;
            HaveEndedAStream = true;
            return true;
        }
    }

    /// <returns>The stuck calls into all engines.</returns>
    public int Add(InferenceSession session) => Change(session, 1);

    /// <returns>The stuck calls into all engines.</returns>
    public int Remove(InferenceSession session) => Change(session, -1);

    /// <summary>A call that comes back while it is being given up may be removed before it is added.</summary>
    private int Change(InferenceSession session, int change)
    {
        lock (_lock)
        {
            int calls = _calls.GetValueOrDefault(session) + change;
            if (calls == 0)
                _calls.Remove(session);
            else
                _calls[session] = calls;

            // A call may hold a thread of the pool, of which a small box has two: the other streams need them.
            ThreadPool.GetMinThreads(out int threads, out int ports);
            ThreadPool.SetMinThreads(threads + change, ports);
            return _calls.Values.Sum();
        }
    }
}
