namespace EdgeInference.Reporting;

/// <summary>Decides when a report is due: at most one in each interval, on a steady beat while frames keep coming.</summary>
internal sealed class ReportSchedule(TimeSpan interval, TimeProvider time)
{
    private long _next = time.GetTimestamp() + ToTicks(interval, time);

    public bool IsDue => time.GetTimestamp() >= _next;

    /// <summary>A report was made: the next is due one interval after this one was, or after now if that has passed already.</summary>
    public void Advance()
    {
        long now = time.GetTimestamp();
        long step = ToTicks(interval, time);
        _next = _next + step > now ? _next + step : now + step;
    }

    private static long ToTicks(TimeSpan interval, TimeProvider time) =>
        (long)(interval.TotalSeconds * time.TimestampFrequency);
}
