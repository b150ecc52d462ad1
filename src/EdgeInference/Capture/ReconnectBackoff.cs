namespace EdgeInference.Capture;

/// <summary>
/// How long to wait before the next attempt at a live source or a server: 1 s doubling to 30 s or what is given, each
/// shortened at random by up to half, so that many who lost the same server do not return together.
/// </summary>
public sealed class ReconnectBackoff
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestOfSources = TimeSpan.FromSeconds(30);

    private readonly Random _random;
    private readonly TimeSpan _longest;
    private TimeSpan _next = Shortest;

    public ReconnectBackoff()
        : this(Random.Shared)
    {
    }

    public ReconnectBackoff(Random random)
        : this(random, LongestOfSources)
    {
    }

    public ReconnectBackoff(Random random, TimeSpan longest)
    {
        _random = random;
        _longest = longest;
    }

    /// <summary>The wait after one more failure: between half of the current step and the whole of it, at least 1 s.</summary>
    public TimeSpan NextDelay()
    {
        TimeSpan step = _next;
        _next = step * 2 < _longest ? step * 2 : _longest;
        TimeSpan delay = step * (1 - (_random.NextDouble() / 2));
        return delay < Shortest ? Shortest : delay;
    }

    /// <summary>After a success: the next failure waits the shortest time again.</summary>
    public void Reset() => _next = Shortest;
}
