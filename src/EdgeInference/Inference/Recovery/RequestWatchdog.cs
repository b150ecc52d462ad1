namespace EdgeInference.Inference.Recovery;

/// <summary>
/// Looks a few times in each timeout at what runs, and retires a session one of whose requests does not return. Such a
/// request is cancelled first, which ends one that is merely slow, and abandoned if it still runs at the next look.
/// Looks are counted rather than time, so that a machine that slept, or a process that was halted, is not taken for a
/// stuck engine.
/// </summary>
internal sealed class RequestWatchdog(TimeSpan timeout)
{
    private const int LooksPerTimeout = 4;

    private InferenceSession? _session;
    private (long? Running, int Looks)[] _seen = [];

    /// <summary>Between two looks.</summary>
    public TimeSpan Interval => timeout / LooksPerTimeout;

    public void Look(InferenceSession session)
    {
        if (session != _session)
            (_session, _seen) = (session, new (long?, int)[session.Requests.Count]);
        for (int i = 0; i < _seen.Length; i++)
        {
            SessionRequest request = session.Requests[i];
            long? running = request.Running;
            _seen[i] = running == _seen[i].Running ? (running, _seen[i].Looks + 1) : (running, 1);
            if (running is null)
                continue;

            // The first look found it under way already, so that at the fifth it has run for the whole timeout.
            if (_seen[i].Looks == LooksPerTimeout + 1)
                GiveUp(session, request, running.Value);
            else if (_seen[i].Looks > LooksPerTimeout + 1)
                request.Abandon(running.Value);
        }
    }

    private void GiveUp(InferenceSession session, SessionRequest request, long running)
    {
        session.Retire(EngineFault.Timeout(timeout));

        // It may have ended and begun another one until then, but not after: that one is not to blame.
        if (request.Running == running)
            request.Cancel();
    }
}
