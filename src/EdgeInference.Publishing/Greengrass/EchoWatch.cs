using System.IO.Hashing;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Watches for what comes back from a topic: that it does is the only proof that the cloud has it, since the nucleus gives none.</summary>
internal sealed class EchoWatch : IAsyncDisposable
{
    private readonly Lock _lock = new();

    // Several reports may have the same payload.
    private readonly Dictionary<UInt128, LinkedList<TaskCompletionSource>> _expected = [];
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

    /// <summary>Expects a message of that payload to come back; disposing of the result ends that.</summary>
    public ExpectedEcho Expect(ReadOnlyMemory<byte> payload)
    {
        UInt128 key = XxHash128.HashToUInt128(payload.Span);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_expected.TryGetValue(key, out LinkedList<TaskCompletionSource>? waiting))
                _expected[key] = waiting = [];
            waiting.AddLast(seen);
        }

        return new ExpectedEcho(seen.Task, () => Take(key, seen));
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

        // None where others publish to the topic as well, or what comes is late.
        Take(XxHash128.HashToUInt128(payload.Span))?.SetResult();
    }

    /// <summary>Removes the first that expects that payload, or this one of them.</summary>
    private TaskCompletionSource? Take(UInt128 key, TaskCompletionSource? which = null)
    {
        lock (_lock)
        {
            if (!_expected.TryGetValue(key, out LinkedList<TaskCompletionSource>? waiting))
                return null;
            LinkedListNode<TaskCompletionSource>? node = which is null ? waiting.First : waiting.Find(which);
            if (node is null)
                return null;
            waiting.Remove(node);
            if (waiting.Count == 0)
                _expected.Remove(key);
            return node.Value;
        }
    }
}

/// <summary>A message that is expected to come back.</summary>
internal sealed class ExpectedEcho(Task seen, Action forget) : IDisposable
{
    /// <summary>Completes when it has.</summary>
    public Task Seen => seen;

    /// <summary>It is no longer expected.</summary>
    public void Dispose() => forget();
}
