namespace EdgeInference.Publishing.Greengrass;

/// <summary>What follows from a report that has not come back; it is sent again in any case.</summary>
internal enum EchoLoss
{
    /// <summary>Nothing: a subscription may take effect late, or its connection may have broken.</summary>
    Repeat,

    /// <summary>The nucleus may have lost the subscription, of which it says nothing: a new one is needed.</summary>
    Doubt,

    /// <summary>Nothing ever comes back: reports go without for a while.</summary>
    GiveUp,
}

/// <summary>
/// Decides what it means that a report has come back from the cloud, or has not. One that does not is lost, unless none ever comes back.
/// Thread-safe.
/// </summary>
/// <param name="confirm">The option: null leaves it to what happens.</param>
/// <param name="time">The clock.</param>
internal sealed class EchoTrust(bool? confirm, TimeProvider time)
{
    /// <summary>So many losses in a row, before anything has come back, are no accident: they take longer than a dead connection goes unnoticed.</summary>
    public const int Several = 6;

    /// <summary>Where the nucleus denies it: after that it is tried again, as the rights may have been mended.</summary>
    public static readonly TimeSpan AfterDenial = TimeSpan.FromMinutes(10);

    /// <summary>Where nothing comes back: longer, as trying costs repeats.</summary>
    public static readonly TimeSpan AfterLosses = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private bool _isProven;
    private int _losses;
    private long _blindSince;
    private TimeSpan _blindFor = TimeSpan.Zero;

    /// <summary>Whether any has come back so far.</summary>
    public bool IsProven
    {
        get
        {
            lock (_lock)
                return _isProven;
        }
    }

    /// <summary>Whether it is never given up.</summary>
    public bool IsStrict => confirm == true || IsProven;

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
            (_isProven, _losses) = (true, 0);
    }

    /// <summary>A report has not come back in time, or cannot, since there is no subscription.</summary>
    public EchoLoss Lose()
    {
        lock (_lock)
        {
            _losses++;
            if (confirm is not null || _isProven || _losses < Several)
                return _losses % 2 == 0 ? EchoLoss.Doubt : EchoLoss.Repeat;
            GiveUp(AfterLosses);
            return EchoLoss.GiveUp;
        }
    }

    /// <summary>Gives it up for a while.</summary>
    /// <param name="span">Without: for good.</param>
    public void GiveUp(TimeSpan? span = null)
    {
        lock (_lock)
            (_losses, _blindSince, _blindFor) = (0, time.GetTimestamp(), span ?? TimeSpan.MaxValue);
    }
}
