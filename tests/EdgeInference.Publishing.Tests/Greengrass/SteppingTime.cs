using EdgeInference.Publishing.Greengrass.EventStream;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>
/// A fake clock that goes from timer to timer, and stands still as long as something real is under way: what the client does with the
/// socket has a deadline, which is a timer, too. However slow the machine is, no time passes for it.
/// </summary>
internal sealed class SteppingTime : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StepTimer, DateTimeOffset> _pending = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Lets time pass until it is done. A deadline does not pass that way: for what hangs there is <see cref="FakeTimeProvider.Advance"/>.</summary>
    public async Task AdvanceUntilAsync(Task task)
    {
        // Not on the context of the test: whoever a timer wakes then runs within Advance, up to the next thing that it waits for.
        await Task.Run(() => StepUntilAsync(task));
        await task;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Whoever connects or writes is cancelled at its deadline; an answer is waited for no longer.
        var timer = new StepTimer(this) { IsDeadline = state is CancellationTokenSource or Task<EventStreamMessage> };
        Set(timer, dueTime);
        timer.Inner = base.CreateTimer(
            given =>
            {
                Set(timer, period);
                callback(given);
            },
            state,
            dueTime,
            period);
        return timer;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task StepUntilAsync(Task task)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!task.IsCompleted)
        {
            hang.Token.ThrowIfCancellationRequested();
            (TimeSpan? step, Task changed) = FindStep();
            if (step is not null)
                Advance(step.Value);
            else
                await Task.WhenAny(task, changed).WaitAsync(hang.Token);
        }
    }

    /// <returns>How far it is to the next timer, a little at least; null as long as time stands still, which ends with the task.</returns>
    private (TimeSpan? Step, Task Changed) FindStep()
    {
        // Reading the clock may run what is due: not within the lock.
        DateTimeOffset now = GetUtcNow();
        lock (_lock)
        {
            if (_pending.Count == 0 || _pending.Keys.Any(static timer => timer.IsDeadline))
                return (null, _changed.Task);
            TimeSpan step = _pending.Values.Min() - now;
            return (step > TimeSpan.Zero ? step : TimeSpan.FromMilliseconds(1), _changed.Task);
        }
    }

    private void Set(StepTimer timer, TimeSpan due)
    {
        DateTimeOffset now = GetUtcNow();
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (due == Timeout.InfiniteTimeSpan)
                _pending.Remove(timer);
            else
                _pending[timer] = now + due;
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    private sealed class StepTimer(SteppingTime time) : ITimer
    {
        public required bool IsDeadline { get; init; }

        public ITimer? Inner { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Set(this, dueTime);
            return Inner!.Change(dueTime, period);
        }

        public void Dispose()
        {
            time.Set(this, Timeout.InfiniteTimeSpan);
            Inner!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
