namespace EdgeInference.Reporting;

/// <summary>
/// Gives each report of a stream a time of its own, of which pictures and objects get their names, whatever the clock does:
/// no two are in the same microsecond, and where the clock has been set back, so that times come again, they carry the
/// number of that turn behind the microseconds. Payloads, which end there, do not show it; names do.
/// </summary>
internal sealed class ReportTimes
{
    private const int Turns = 9;

    // Frames in flight may end in another order by a hair; that is no clock that was set back.
    private const long Jitter = TimeSpan.TicksPerMillisecond;

    private long _latest;
    private long _last;
    private int _turn;

    /// <param name="captured">When the frame was captured.</param>
    public DateTimeOffset Next(DateTimeOffset captured)
    {
        long ticks = captured.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond;
        if (ticks <= _last - Jitter)
            _turn = (_turn % Turns) + 1;
        else if (ticks <= _last)
            ticks = _last + TimeSpan.TicksPerMicrosecond;
        _last = ticks;
        if (ticks <= _latest)
            return new DateTimeOffset(ticks + _turn, TimeSpan.Zero);

        // Later than all before: nothing can have this time.
        _latest = ticks;
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }
}
