using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>A fake clock that tells when somebody begins to wait for a span, so that it need not be advanced before that.</summary>
internal sealed class TimerTime : FakeTimeProvider
{
    private readonly List<TimeSpan> _spans = [];
    private readonly SemaphoreSlim _added = new(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_spans)
            _spans.Add(dueTime);
        _added.Release();
        return timer;
    }

    /// <summary>Returns when somebody waits for that span, once more than the <paramref name="seen"/> first times; by one task.</summary>
    public async Task WaitForAsync(TimeSpan span, int seen = 0)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Count(span) <= seen)
            await _added.WaitAsync(deadline.Token);
    }

    private int Count(TimeSpan span)
    {
        lock (_spans)
            return _spans.Count(other => other == span);
    }
}
