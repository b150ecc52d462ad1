namespace EdgeInference.Publishing.Mqtt;

/// <summary>
/// Lets a number of publications through in any one second, to the precision of the clock's timers. It keeps when the
/// last ones went, as many as there are in a second: the next may go one second after the oldest of them.
/// </summary>
/// <param name="perSecond">From 1; 0 is without limit.</param>
/// <param name="time">The clock.</param>
internal sealed class PublishPacer(int perSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long[] _turns = new long[perSecond];
    private int _oldest;
    private int _known;

    /// <summary>Returns when it is the caller's turn. Turns are given in the order of the calls; one that is cancelled is lost.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (perSecond == 0)
            return ValueTask.CompletedTask;
        long now = time.GetTimestamp();
        long turn;
        lock (_lock)
        {
            turn = _known < perSecond ? now : Math.Max(now, _turns[_oldest] + time.TimestampFrequency);
            _turns[_oldest] = turn;
            _oldest = (_oldest + 1) % perSecond;
            _known = Math.Min(_known + 1, perSecond);
        }

        return turn <= now ? ValueTask.CompletedTask : new ValueTask(Task.Delay(time.GetElapsedTime(now, turn), time, cancellationToken));
    }
}
