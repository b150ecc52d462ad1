using EdgeInference.Publishing.Connections;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Connections;

public sealed class PublishPacerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void WaitAsync_NoLimit_NeverWaits()
    {
        var pacer = new PublishPacer(0, _time);

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(Start(pacer).IsCompletedSuccessfully));
    }

    [Fact]
    public void WaitAsync_MoreThanASecondTakes_WaitsUntilTheOldestIsASecondOld()
    {
        var pacer = new PublishPacer(3, _time);
        Assert.All(Enumerable.Range(0, 3), _ => Assert.True(Start(pacer).IsCompleted));

        Task fourth = Start(pacer);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(fourth.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(fourth.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task WaitAsync_ManyAtOnce_LetsNoMoreThanTheLimitThroughInAnySecond()
    {
        const int limit = 7;
        const int count = 50;
        var pacer = new PublishPacer(limit, _time);
        var passed = new List<DateTimeOffset>();
        Task[] all = [.. Enumerable.Range(0, count).Select(async _ =>
        {
            await pacer.WaitAsync(CancellationToken.None);
            lock (passed)
                passed.Add(_time.GetUtcNow());
        })];
        for (int step = 0; step < 1000; step++)
            _time.Advance(TimeSpan.FromMilliseconds(10));
        await Task.WhenAll(all);

        Assert.Equal(count, passed.Count);
        Assert.All(passed, start => Assert.True(passed.Count(time => time >= start && time < start + TimeSpan.FromSeconds(1)) <= limit));
        Assert.Equal(TimeSpan.FromSeconds(7), passed.Max() - passed.Min());
    }

    [Fact]
    public void WaitAsync_AfterAPause_DoesNotLetTheUnusedThroughAsWell()
    {
        var pacer = new PublishPacer(2, _time);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => Start(pacer).IsCompleted));
    }

    [Fact]
    public async Task WaitAsync_Cancelled_Ends()
    {
        var pacer = new PublishPacer(1, _time);
        using var cancellation = new CancellationTokenSource();
        await pacer.WaitAsync(cancellation.Token);
        Task second = pacer.WaitAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    private static Task Start(PublishPacer pacer) => pacer.WaitAsync(CancellationToken.None).AsTask();
}
