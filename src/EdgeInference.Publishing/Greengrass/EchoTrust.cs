namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// Decides what it means that a report has come back from the cloud, or has not. Once one has come back, each has to: one that does
/// not is lost. Before that, nobody knows whether the component is allowed to receive them. Thread-safe.
/// </summary>
/// <param name="confirm">The option: null leaves it to what happens.</param>
/// <param name="time">The clock.</param>
internal sealed class EchoTrust(bool? confirm, TimeProvider time)
{
    /// <summary>So many reports in a row that did not come back, before any has, are no accident.</summary>
    public const int Several = 5;

    /// <summary>After that it is tried again, as the rights may have been mended.</summary>
    public static readonly TimeSpan AfterMisses = TimeSpan.FromMinutes(10);

    /// <summary>When the nucleus did not say whether it has subscribed, for want of a connection to the cloud.</summary>
    public static readonly TimeSpan AfterSilence = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private bool _isProven;
    private int _misses;
    private long _blindSince;
    private TimeSpan _blindFor = TimeSpan.Zero;

    /// <summary>Whether a report that does not come back counts as lost.</summary>
    public bool IsStrict
    {
        get
        {
            lock (_lock)
                return confirm == true || _isProven;
        }
    }

    /// <summary>Whether to watch for reports that come back.</summary>
    public bool Watches
    {
        get
        {
            lock (_lock)
                return confirm != false && (_blindFor == TimeSpan.Zero || (_blindFor != TimeSpan.MaxValue && time.GetElapsedTime(_blindSince) >= _blindFor));
        }
    }

    /// <summary>A report has come back.</summary>
    public void Prove()
    {
        lock (_lock)
            (_isProven, _misses) = (true, 0);
    }

    /// <summary>A report has not come back in time, or cannot, since there is no subscription.</summary>
    /// <returns>True when it is given up for a while.</returns>
    public bool Miss()
    {
        lock (_lock)
        {
            if (confirm == true || _isProven || ++_misses < Several)
                return false;
            _misses = 0;
            Pause(AfterMisses);
            return true;
        }
    }

    /// <summary>Gives it up for a while.</summary>
    /// <param name="span">Without: for good.</param>
    public void Pause(TimeSpan? span = null)
    {
        lock (_lock)
        {
            // For good stays for good.
            if (_blindFor == TimeSpan.MaxValue)
                return;
            (_blindSince, _blindFor, _isProven) = (time.GetTimestamp(), span ?? TimeSpan.MaxValue, false);
        }
    }
}
