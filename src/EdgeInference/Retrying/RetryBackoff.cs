namespace EdgeInference.Retrying;

/// <summary>
/// How long to wait before the next attempt at something remote: 1 s doubling to 30 s, each shortened at random by up to
/// half, so that many streams, or many boxes, do not return to one server together.
/// </summary>
public sealed class RetryBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Random _random;
    private TimeSpan _next = First;

    public RetryBackoff()
        : this(Random.Shared)
    {
    }

    public RetryBackoff(Random random) => _random = random;

    /// <summary>The wait after one more failure: between half of the current step and the whole of it, so half a second at least.</summary>
    public TimeSpan NextDelay()
    {
        TimeSpan step = _next;
        _next = step * 2 < Longest ? step * 2 : Longest;
        return step * (1 - (_random.NextDouble() / 2));
    }

    /// <summary>After a success: the next failure waits the shortest time again.</summary>
    public void Reset() => _next = First;
}
