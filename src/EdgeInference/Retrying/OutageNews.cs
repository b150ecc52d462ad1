namespace EdgeInference.Retrying;

/// <summary>
/// Decides what is worth a line in the log about something that fails and works again, such as a camera: one when it
/// fails, one when it works. What does so again and again is said to be unsteady instead, counted in silence with a line
/// an hour at most, until it has kept one state for a while. Not thread-safe.
/// </summary>
public sealed class OutageNews(TimeProvider time)
{
    /// <summary>So many outages within <see cref="Memory"/> are unsteadiness.</summary>
    public const int Several = 4;

    /// <summary>How long outages are remembered, and how long one state must last to be steady.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>The least time between two lines about what stays unsteady.</summary>
    public static readonly TimeSpan ReminderInterval = TimeSpan.FromHours(1);

    // The outages of the last while, oldest first, without the one that is on.
    private readonly List<(long Began, TimeSpan Away)> _recent = new(Several);
    private bool _isFailing;
    private long _changed;
    private int _failures;
    private int _kindsTold;
    private long _unsteadySince;
    private long _reminded;
    private int _outages;
    private TimeSpan _away;

    public bool IsUnsteady { get; private set; }

    /// <summary>It has failed: an outage begins, or goes on.</summary>
    /// <param name="kind">What kind of failure, 0 to 31: another kind than those told of this outage is news.</param>
    public OutageNewsItem Fail(int kind = 0)
    {
        long now = time.GetTimestamp();
        bool isNewKind;
        if (_isFailing)
        {
            _failures++;
            if (IsUnsteady && time.GetElapsedTime(_changed, now) >= Memory)
            {
                // Gone for good, which is a steady state as well.
                Forget();
                return new OutageNewsItem(OutageNewsKind.Fails, _failures);
            }

            isNewKind = MarkTold(kind);
        }
        else
        {
            if (IsUnsteady && time.GetElapsedTime(_changed, now) >= Memory)
                Forget();
            (_isFailing, _changed, _failures) = (true, now, 1);
            if (!IsUnsteady)
                return BeginOutage(kind, now);
            _outages++;
            isNewKind = MarkTold(kind);
        }

        return isNewKind ? new OutageNewsItem(OutageNewsKind.Fails, _failures) : Remind(now);
    }

    /// <summary>It works. Costs next to nothing where it did so before.</summary>
    public OutageNewsItem Work()
    {
        if (!_isFailing && !IsUnsteady)
            return default;

        long now = time.GetTimestamp();
        TimeSpan length = time.GetElapsedTime(_changed, now);
        if (_isFailing)
        {
            long began = _changed;
            (_isFailing, _changed) = (false, now);
            if (IsUnsteady)
            {
                _away += length;
                return Remind(now);
            }

            _recent.Add((began, length));
            return new OutageNewsItem(OutageNewsKind.WorksAgain, _failures) { Outages = 1, Away = new(length), Span = new(length) };
        }

        if (length < Memory)
            return Remind(now);
        Forget();
        return Summarize(OutageNewsKind.IsSteady, now);
    }

    private OutageNewsItem BeginOutage(int kind, long now)
    {
        _kindsTold = 1 << kind;
        _recent.RemoveAll(outage => time.GetElapsedTime(outage.Began, now) > Memory);
        if (_recent.Count + 1 < Several)
            return new OutageNewsItem(OutageNewsKind.Fails, _failures);

        (IsUnsteady, _outages, _unsteadySince, _reminded) = (true, Several, _recent[0].Began, now);
        _away = _recent.Aggregate(TimeSpan.Zero, static (sum, outage) => sum + outage.Away);
        return Summarize(OutageNewsKind.IsUnsteady, now);
    }

    private bool MarkTold(int kind)
    {
        int before = _kindsTold;
        _kindsTold |= 1 << kind;
        return _kindsTold != before;
    }

    private OutageNewsItem Remind(long now)
    {
        if (!IsUnsteady || time.GetElapsedTime(_reminded, now) < ReminderInterval)
            return default;
        _reminded = now;
        return Summarize(OutageNewsKind.IsStillUnsteady, now);
    }

    private OutageNewsItem Summarize(OutageNewsKind kind, long now) => new(kind, _failures)
    {
        Outages = _outages,
        Away = new(_isFailing ? _away + time.GetElapsedTime(_changed, now) : _away),
        Span = new(time.GetElapsedTime(_unsteadySince, now)),
    };

    private void Forget()
    {
        IsUnsteady = false;
        _recent.Clear();
    }
}
