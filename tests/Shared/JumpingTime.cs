using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.TestSupport;

/// <summary>A fake clock that can be set, as NTP or a person sets one: the time of day jumps, what was waited for does not.</summary>
internal sealed class JumpingTime(DateTimeOffset start) : TimeProvider
{
    private readonly FakeTimeProvider _steady = new(start);
    private TimeSpan _offset;

    public override long TimestampFrequency => _steady.TimestampFrequency;

    /// <summary>Time goes on.</summary>
    public void Advance(TimeSpan span) => _steady.Advance(span);

    /// <summary>The clock is set forward or back.</summary>
    public void Jump(TimeSpan span) => _offset += span;

    public override DateTimeOffset GetUtcNow() => _steady.GetUtcNow() + _offset;

    public override long GetTimestamp() => _steady.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _steady.CreateTimer(callback, state, dueTime, period);
}
