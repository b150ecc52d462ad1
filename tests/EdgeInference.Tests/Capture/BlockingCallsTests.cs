using EdgeInference.Capture;

namespace EdgeInference.Tests.Capture;

public sealed class BlockingCallsTests
{
    [Fact]
    public async Task InvokeAsync_ManyTimes_RunsEachOnOneThreadOfItsOwn()
    {
        int calls = 0;
        HashSet<int> threads = [];
        await using BlockingCalls<int> blocking = new(
            () =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                Assert.False(Thread.CurrentThread.IsThreadPoolThread);
                return ++calls;
            },
            "test");

        for (int i = 1; i <= 100; i++)
            Assert.Equal(i, await blocking.InvokeAsync());
        Assert.Single(threads);
    }

    [Fact]
    public async Task InvokeAsync_CallThrows_ThrowsTheSameAndGoesOn()
    {
        int calls = 0;
        await using BlockingCalls<int> blocking = new(
            () => ++calls == 1 ? throw new InvalidDataException("first") : calls, "test");

        Assert.Equal("first", (await Assert.ThrowsAsync<InvalidDataException>(async () => await blocking.InvokeAsync())).Message);
        Assert.Equal(2, await blocking.InvokeAsync());
    }

    [Fact]
    public async Task DisposeAsync_FromTheContinuationOfACall_Returns()
    {
        BlockingCalls<int> blocking = new(() => 1, "test");
        await Task.Run(async () =>
        {
            await blocking.InvokeAsync().ConfigureAwait(false);
            await blocking.DisposeAsync();
        });
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await blocking.InvokeAsync());
    }

    [Fact]
    public async Task DisposeAsync_CallJustAskedFor_IsAnswered()
    {
        for (int i = 0; i < 200; i++)
        {
            BlockingCalls<int> blocking = new(() => 1, "test");
            await blocking.InvokeAsync();
            ValueTask<int> last = blocking.InvokeAsync();
            await blocking.DisposeAsync();
            Assert.Equal(1, await last);
        }
    }

    [Fact]
    public async Task DisposeAsync_NeverUsed_Returns()
    {
        BlockingCalls<int> blocking = new(() => 1, "test");
        await blocking.DisposeAsync();
        await blocking.DisposeAsync();
    }
}
