namespace EdgeInference.Inference.Recovery;

/// <summary>
/// The engines of this process that hold on to a request, with the number of such requests. Keeps them from being
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
    private readonly Dictionary<InferenceSession, int> _requests = [];

    /// <summary>Those of this process.</summary>
    public static StuckEngines OfProcess { get; } = new();

    /// <summary>Whether this one is stuck as well, and there are more than <see cref="Most"/>.</summary>
    public bool IsOneTooMany(InferenceSession session)
    {
        lock (_lock)
            return _requests.Count > Most && _requests.ContainsKey(session);
    }

    /// <returns>The stuck requests of all engines.</returns>
    public int Add(InferenceSession session)
    {
        lock (_lock)
        {
            _requests[session] = _requests.GetValueOrDefault(session) + 1;
            return _requests.Values.Sum();
        }
    }

    /// <returns>The stuck requests of all engines.</returns>
    public int Remove(InferenceSession session)
    {
        lock (_lock)
        {
            if (--_requests[session] == 0)
                _requests.Remove(session);
            return _requests.Values.Sum();
        }
    }
}
