using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>An operation that is under way: one answer, and messages behind it where it is a subscription.</summary>
internal sealed class IpcStream(Action<EventStreamMessage>? onMessage = null)
{
    private readonly TaskCompletionSource<EventStreamMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IpcException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsSubscription => onMessage is not null;

    /// <summary>0 until it has begun.</summary>
    public int Id { get; set; }

    /// <summary>Fails with <see cref="IpcException"/> where the operation does.</summary>
    public Task<EventStreamMessage> Answer => _answer.Task;

    /// <summary>Completes when nothing more will come, with the reason.</summary>
    public Task<IpcException> Ended => _ended.Task;

    /// <summary>Called by one task, in the order in which messages come. Nucleus lite may send the first of a subscription before its answer.</summary>
    public void Receive(EventStreamMessage message)
    {
        if (IpcAnswer.IsMessage(message) || !_answer.TrySetResult(message))
            onMessage?.Invoke(message);
    }

    /// <summary>Nothing more will come; the first reason counts.</summary>
    public void Fail(IpcException reason)
    {
        if (_answer.TrySetException(reason))
        {
            // Whoever has given up waiting is owed nothing.
            _ = _answer.Task.Exception;
        }

        _ended.TrySetResult(reason);
    }
}

/// <summary>A stream that brings messages until it is disposed of, or <paramref name="ended"/> completes.</summary>
internal sealed class IpcSubscription(Task<IpcException> ended, Func<Task> end) : IAsyncDisposable
{
    /// <summary>Completes when nothing more will come, with the reason.</summary>
    public Task<IpcException> Ended => ended;

    public async ValueTask DisposeAsync() => await end();
}
