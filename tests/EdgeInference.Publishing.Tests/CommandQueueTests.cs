using System.Buffers;
using EdgeInference.Commands;

namespace EdgeInference.Publishing.Tests;

public sealed class CommandQueueTests
{
    [Fact]
    public async Task Add_MoreThanAreTaken_KeepsTheNewestAndCountsTheOthers()
    {
        const int Sent = 10_000;
        var queue = new CommandQueue();

        for (int i = 0; i < Sent; i++)
            Add(queue, "a", BitConverter.GetBytes(i));

        Assert.Equal(Sent - CommandQueue.Capacity, queue.Dropped);
        int next = Sent - CommandQueue.Capacity;
        await foreach (ReadOnlyMemory<byte> payload in queue.ReceiveAsync("a", static (_, _) => Task.CompletedTask, CancellationToken.None))
        {
            Assert.Equal(next++, BitConverter.ToInt32(payload.Span));
            if (next == Sent)
                break;
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(ICommandTransport.MaxCommandBytes, ICommandTransport.MaxCommandBytes)]
    [InlineData(ICommandTransport.MaxCommandBytes + 1, ICommandTransport.MaxCommandBytes + 1)]
    [InlineData(100_000, ICommandTransport.MaxCommandBytes + 1)]
    public async Task Add_Payload_KeepsWhatTellsThatItIsTooLong(int bytes, int kept)
    {
        var queue = new CommandQueue();
        Add(queue, "other", new byte[1]);
        Add(queue, "a", new byte[bytes]);

        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = queue.ReceiveAsync("a", static (_, _) => Task.CompletedTask, CancellationToken.None).GetAsyncEnumerator();

        Assert.True(await commands.MoveNextAsync());
        Assert.Equal(kept, commands.Current.Length);
    }

    [Fact]
    public async Task ReceiveAsync_SubscribingFailsUnexpectedly_EndsWithThat()
    {
        var queue = new CommandQueue();
        var subscribing = new TaskCompletionSource();
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> commands = queue.ReceiveAsync("a", (_, _) => subscribing.Task, CancellationToken.None).GetAsyncEnumerator();

        Task<bool> next = commands.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        subscribing.SetException(new InvalidOperationException("a defect"));

        Assert.Equal("a defect", (await Assert.ThrowsAsync<InvalidOperationException>(() => next.WaitAsync(TimeSpan.FromMinutes(1)))).Message);
    }

    private static void Add(CommandQueue queue, string topic, byte[] payload) => queue.Add(topic, new ReadOnlySequence<byte>(payload));
}
