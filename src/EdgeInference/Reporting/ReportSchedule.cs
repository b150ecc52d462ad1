namespace EdgeInference.Reporting;

/// <summary>
/// Decides when a report is due: at most one in each interval, on a steady beat while frames keep coming, and beside these, without
/// moving the beat, those that somebody asks for. Used by one thread; the interval and the requests come from others.
/// </summary>
internal sealed class ReportSchedule(ReportingControl control, TimeProvider time)
{
    /// <summary>Between two reports that were asked for: whoever asks without pause gets no more than this.</summary>
    public static readonly TimeSpan RequestInterval = TimeSpan.FromSeconds(1);

    private long _last = time.GetTimestamp();
    private long _lastRequested = time.GetTimestamp() - ToTicks(RequestInterval, time);

    public bool IsDue => time.GetTimestamp() - _last >= Step;

    /// <summary>Whether a report was asked for that may be made now.</summary>
    public bool IsRequested => control.IsRequested && time.GetElapsedTime(_lastRequested) >= RequestInterval;

    private long Step => ToTicks(control.Interval, time);

    /// <summary>The report that was due is made: the next is due one interval after this one was, or after now if that has passed already.</summary>
    public void Advance()
    {
        long now = time.GetTimestamp();
        long step = Step;
        _last = _last + (2 * step) > now ? _last + step : now;
    }

    /// <summary>Takes over the request for a report, which is this one; null where nobody has asked.</summary>
    public ReportRequest? TakeRequest(ReportReceipt made)
    {
        if (control.Take(made) is not { } request)
            return null;
        _lastRequested = time.GetTimestamp();
        return request;
    }

    private static long ToTicks(TimeSpan interval, TimeProvider time) =>
        (long)(interval.TotalSeconds * time.TimestampFrequency);
}
