namespace EdgeInference.Inference.Recovery;

/// <summary>
/// Where a session of another model waits to take the place of the one in use, whatever state that is in. One at a time.
/// </summary>
internal sealed class SessionOffer
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Offered? _offered;
    private bool _isClosed;

    /// <summary>Ends when a session is offered.</summary>
    public Task Made
    {
        get
        {
            lock (_lock)
                return _made.Task;
        }
    }

    /// <summary>Offers a session.</summary>
    /// <returns>Whether it was taken; not where the stream has ended: then it is still the caller's.</returns>
    public Task<bool> MakeAsync(InferenceSession session, SessionPlan plan)
    {
        lock (_lock)
        {
            if (_isClosed)
                return Task.FromResult(false);
            if (_offered is not null)
                throw new InvalidOperationException("Another session is offered already.");
            _offered = new Offered(session, plan, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
            _made.TrySetResult();
            return _offered.Answer.Task;
        }
    }

    /// <summary>Takes what is offered.</summary>
    public bool TryTake(Action<InferenceSession, SessionPlan> take)
    {
        lock (_lock)
        {
            if (_offered is not { } offered)
                return false;
            take(offered.Session, offered.Plan);
            _offered = null;
            _made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            offered.Answer.TrySetResult(true);
            return true;
        }
    }

    /// <summary>Nothing is taken any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _offered?.Answer.TrySetResult(false);
            _offered = null;
        }
    }

    private sealed record Offered(InferenceSession Session, SessionPlan Plan, TaskCompletionSource<bool> Answer);
}
