namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// Decides when the token is no longer valid, so that only a new process helps, to which the nucleus gives a new one. A nucleus that has
/// started anew does not know the old token, and closes the connection without a word; one that stops or has too many clients does the
/// same. The nucleus starts a component anew some few times only, so the process must not end for that.
/// </summary>
internal sealed class RefusalWatch(TimeProvider time)
{
    /// <summary>So often in a row.</summary>
    public const int Several = 5;

    /// <summary>Over so long a time at least.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Between two attempts at most, while it is undecided.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private int _closed;
    private long _first;

    /// <summary>Whether it is undecided.</summary>
    public bool IsSuspicious => _closed > 0;

    /// <summary>A connection was made.</summary>
    public void Accept() => _closed = 0;

    /// <summary>An attempt has failed.</summary>
    /// <returns>True when the token is no longer valid.</returns>
    public bool Fail(IpcTroubleKind kind)
    {
        if (kind == IpcTroubleKind.Refuses)
            return true;
        if (kind != IpcTroubleKind.Closes)
        {
            _closed = 0;
            return false;
        }

        long now = time.GetTimestamp();
        if (_closed++ == 0)
            _first = now;
        return _closed >= Several && time.GetElapsedTime(_first, now) >= Patience;
    }
}
