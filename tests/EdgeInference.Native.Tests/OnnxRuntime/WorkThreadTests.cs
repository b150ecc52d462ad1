using EdgeInference.Native.OnnxRuntime;

namespace EdgeInference.Native.Tests.OnnxRuntime;

public sealed class WorkThreadTests
{
    [Fact]
    public async Task RunAsync_ManyTimes_RunsOnItsOwnNamedThread()
    {
        int caller = Environment.CurrentManagedThreadId;
        HashSet<int> threads = [];
        string? name = null;
        int runs = 0;
        WorkThread thread = new("worker of a test", () => threads.Add(Environment.CurrentManagedThreadId), Work);
        thread.Start();

        for (int i = 0; i < 1000; i++)
            await thread.RunAsync();
        thread.Stop();

        Assert.Equal(1000, runs);
        Assert.Equal("worker of a test", name);
        Assert.Single(threads);
        Assert.DoesNotContain(caller, threads);

        void Work()
        {
            threads.Add(Environment.CurrentManagedThreadId);
            name = Thread.CurrentThread.Name;
            runs++;
        }
    }

    [Fact]
    public async Task RunAsync_WorkThrows_FailsAndGoesOnAfterwards()
    {
        int runs = 0;
        WorkThread thread = new("worker", static () => { }, Work);
        thread.Start();

        InvalidDataException exception = await Assert.ThrowsAsync<InvalidDataException>(async () => await thread.RunAsync());
        await thread.RunAsync();
        thread.Stop();

        Assert.Equal("first", exception.Message);
        Assert.Equal(2, runs);

        void Work()
        {
            if (++runs == 1)
                throw new InvalidDataException("first");
        }
    }

    [Fact]
    public async Task RunAsync_StillAtWork_Refuses()
    {
        using ManualResetEventSlim goOn = new();
        WorkThread thread = new("worker", static () => { }, goOn.Wait);
        thread.Start();
        ValueTask first = thread.RunAsync();

        Assert.Throws<InvalidOperationException>(() => { _ = thread.RunAsync().AsTask(); });

        goOn.Set();
        await first;
        await thread.RunAsync();
        thread.Stop();
    }

    [Fact]
    public async Task Stop_AtWork_LetsItEndAndRefusesMore()
    {
        using ManualResetEventSlim goOn = new();
        using ManualResetEventSlim begun = new();
        WorkThread thread = new("worker", static () => { }, Work);
        thread.Start();
        Task run = thread.RunAsync().AsTask();
        begun.Wait();
        Task stop = Task.Factory.StartNew(thread.Stop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.False(run.IsCompleted);

        goOn.Set();
        await run;
        await stop;

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await thread.RunAsync());

        void Work()
        {
            begun.Set();
            goOn.Wait();
        }
    }

    [Fact]
    public async Task Stop_FromWhatAwaitedARun_Returns()
    {
        WorkThread thread = new("worker", static () => { }, static () => { });
        thread.Start();
        await Task.Run(async () =>
        {
            await thread.RunAsync().ConfigureAwait(false);
            thread.Stop();
        });

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await thread.RunAsync());
    }
}
