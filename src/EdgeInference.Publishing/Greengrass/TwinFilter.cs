using System.IO.Hashing;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// While one subscription takes over from another, each message comes over both, in either order: tells the second one of such a pair.
/// </summary>
internal sealed class TwinFilter(TimeProvider time)
{
    /// <summary>How far the two may be apart.</summary>
    public static readonly TimeSpan MostApart = TimeSpan.FromSeconds(2);

    // In a flood even more of them are dropped later.
    private const int Most = CommandQueue.Capacity;

    private readonly Lock _lock = new();
    private readonly List<(int Subscription, UInt128 Payload, long Arrived)> _single = new(Most);

    /// <summary>Whether the same message has come over another subscription, and only there.</summary>
    public bool IsTwin(int subscription, ReadOnlySpan<byte> payload)
    {
        UInt128 hash = XxHash128.HashToUInt128(payload);
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _single.RemoveAll(message => time.GetElapsedTime(message.Arrived, now) > MostApart);
            int twin = _single.FindIndex(message => message.Subscription != subscription && message.Payload == hash);
            if (twin >= 0)
            {
                _single.RemoveAt(twin);
                return true;
            }

            if (_single.Count == Most)
                _single.RemoveAt(0);
            _single.Add((subscription, hash, now));
            return false;
        }
    }

    /// <summary>Subscriptions from now on have no others beside them.</summary>
    public void Forget()
    {
        lock (_lock)
            _single.Clear();
    }
}
