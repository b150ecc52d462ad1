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

    /// <param name="session">The session.</param>
    /// <param name="plan">How its successors are made.</param>
    /// <param name="whenTaken">Called when it is taken, before it has its first frame.</param>
    /// <returns>Whether it was taken; not where the stream has ended: then it is still the caller's.</returns>
    public Task<bool> MakeAsync(InferenceSession session, SessionPlan plan, Action whenTaken)
    {
        lock (_lock)
        {
            if (_isClosed)
                return Task.FromResult(false);
            if (_offered is not null)
                throw new InvalidOperationException("Another session is offered already.");
            _offered = new Offered(session, plan, whenTaken);
            _made.TrySetResult();
            return _offered.Answer.Task;
        }
    }

    /// <summary>Takes what is offered; null for nothing. Whoever takes it is to answer.</summary>
    public Offered? Take()
    {
        lock (_lock)
        {
            if (_offered is not { } offered)
                return null;
            _offered = null;
            _made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return offered;
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

    internal sealed record Offered(InferenceSession Session, SessionPlan Plan, Action WhenTaken)
    {
        public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
