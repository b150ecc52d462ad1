namespace EdgeInference.Publishing.Connections;

/// <summary>
/// Lets a number of publications through in any one span, to the precision of the clock's timers. It keeps when the
/// last ones went, as many as there are in a span: the next may go one span after the oldest of them.
/// </summary>
/// <param name="perSpan">From 1; 0 is without limit.</param>
/// <param name="time">The clock.</param>
/// <param name="span">Default: a second.</param>
internal sealed class PublishPacer(int perSpan, TimeProvider time, TimeSpan? span = null)
{
    private readonly Lock _lock = new();
    private readonly long _span = (long)((span?.TotalSeconds ?? 1) * time.TimestampFrequency);
    private readonly long[] _turns = new long[perSpan];
    private int _oldest;
    private int _known;

    /// <summary>Returns when it is the caller's turn. Turns are given in the order of the calls; one that is cancelled is lost.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (perSpan == 0)
            return ValueTask.CompletedTask;
        long now = time.GetTimestamp();
        long turn;
        lock (_lock)
        {
            turn = _known < perSpan ? now : Math.Max(now, _turns[_oldest] + _span);
            _turns[_oldest] = turn;
            _oldest = (_oldest + 1) % perSpan;
            _known = Math.Min(_known + 1, perSpan);
        }

        return turn <= now ? ValueTask.CompletedTask : new ValueTask(Task.Delay(time.GetElapsedTime(now, turn), time, cancellationToken));
    }
}
