using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Watches for what comes back from a topic: that it does is the only proof that the cloud has it, since the nucleus gives none.</summary>
internal sealed class EchoWatch : IAsyncDisposable
{
    /// <summary>Fewer messages of others are no matter.</summary>
    internal const int MostOfOthers = 100;

    private readonly Lock _lock = new();

    // As many as are on their way at most.
    private readonly List<ExpectedEcho> _expected = [];
    private IpcSubscription? _subscription;
    private long _ofOthers;

    private EchoWatch(IpcSession session, string topic)
    {
        Session = session;
        Topic = topic;
    }

    public IpcSession Session { get; }

    public string Topic { get; }

    /// <summary>Completes when nothing more will come.</summary>
    public Task Ended => _subscription!.Ended;

    /// <summary>Whether others publish to the topic, and that far more: of a fleet with one topic, each would receive what all send.</summary>
    public bool IsShared
    {
        get
        {
            // What comes late, or is another stream's of this service, counts here, too; but that is no more than what all have sent.
            lock (_lock)
                return _ofOthers >= MostOfOthers && _ofOthers > 3 * Session.Expected;
        }
    }

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
        var echo = new ExpectedEcho(this, payload);
        lock (_lock)
        {
            _expected.Add(echo);
        }

        Session.CountExpected();

        return echo;
    }

    public void Forget(ExpectedEcho echo)
    {
        lock (_lock)
            _expected.Remove(echo);
    }

    public async ValueTask DisposeAsync() => await _subscription!.DisposeAsync();

    private void OnMessage(EventStreamMessage message)
    {
        if (IpcAnswer.PayloadOf(message) is not { } payload)
            return;
        lock (_lock)
        {
            // Several reports may have the same payload: the first of them has come back.
            int index = _expected.FindIndex(echo => echo.Payload.Span.SequenceEqual(payload.Span));
            if (index < 0)
            {
                _ofOthers++;
                return;
            }

            _expected[index].See();
            _expected.RemoveAt(index);
        }
    }
}

/// <summary>A message that is expected to come back.</summary>
internal sealed class ExpectedEcho(EchoWatch watch, ReadOnlyMemory<byte> payload) : IDisposable
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>Completes when it has come back.</summary>
    public Task Seen => _seen.Task;

    /// <summary>Completes when it can no longer come.</summary>
    public Task WatchEnded => watch.Ended;

    public void See() => _seen.SetResult();

    /// <summary>It is no longer expected.</summary>
    public void Dispose() => watch.Forget(this);
}
