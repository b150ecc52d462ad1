using System.IO.Hashing;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Watches for what comes back from a topic: that it does is the only proof that the cloud has it, since the nucleus gives none.</summary>
internal sealed class EchoWatch : IAsyncDisposable
{
    private readonly Lock _lock = new();

    // Several reports may have the same payload.
    private readonly Dictionary<UInt128, Queue<TaskCompletionSource>> _expected = [];
    private IpcSubscription? _subscription;

    private EchoWatch(IpcSession session, string topic)
    {
        Session = session;
        Topic = topic;
    }

    public IpcSession Session { get; }

    public string Topic { get; }

    /// <summary>Whether something may still come.</summary>
    public bool IsAlive => _subscription is { Ended.IsCompleted: false };

    /// <exception cref="IpcException">The nucleus has not taken the subscription.</exception>
    public static async Task<EchoWatch> BeginAsync(IpcSession session, string topic, CancellationToken cancellationToken)
    {
        var watch = new EchoWatch(session, topic);
        watch._subscription = await session.SubscribeAsync(IpcRequest.Subscribe(topic), watch.OnMessage, cancellationToken);
        return watch;
    }

    /// <summary>Completes when a message of that payload has come back.</summary>
    public Task Expect(ReadOnlyMemory<byte> payload)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            UInt128 key = XxHash128.HashToUInt128(payload.Span);
            if (!_expected.TryGetValue(key, out Queue<TaskCompletionSource>? waiting))
                _expected[key] = waiting = new Queue<TaskCompletionSource>();
            waiting.Enqueue(seen);
        }

        return seen.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscription is { } subscription)
            await subscription.DisposeAsync();
    }

    private void OnMessage(EventStreamMessage message)
    {
        if (IpcAnswer.PayloadOf(message) is not { } payload)
            return;
        lock (_lock)
        {
            // Others may publish to the topic as well; and one that came late is no longer waited for.
            UInt128 key = XxHash128.HashToUInt128(payload.Span);
            if (!_expected.TryGetValue(key, out Queue<TaskCompletionSource>? waiting))
                return;
            waiting.Dequeue().SetResult();
            if (waiting.Count == 0)
                _expected.Remove(key);
        }
    }
}
