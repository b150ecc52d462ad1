namespace EdgeInference.Inference;

/// <summary>The time in which at least one request was in flight, as the reports' inference_fps needs it. Thread-safe.</summary>
internal sealed class BusyTime(TimeProvider time)
{
    private readonly Lock _lock = new();
    private int _inFlight;
    private long _since;
    private long _ticks;

    public void Begin()
    {
        lock (_lock)
        {
            if (_inFlight++ == 0)
                _since = time.GetTimestamp();
        }
    }

    public void End()
    {
        lock (_lock)
        {
            if (--_inFlight == 0)
                _ticks += time.GetTimestamp() - _since;
        }
    }

    public TimeSpan Total
    {
        get
        {
            lock (_lock)
            {
                long ticks = _ticks + (_inFlight > 0 ? time.GetTimestamp() - _since : 0);
                return TimeSpan.FromSeconds((double)ticks / time.TimestampFrequency);
            }
        }
    }
}
