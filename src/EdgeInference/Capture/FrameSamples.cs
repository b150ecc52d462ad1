using EdgeInference.Frames;

namespace EdgeInference.Capture;

/// <summary>Copies of the next frames of a stream. What they take is given back with them: nothing is kept between two uses.</summary>
internal sealed class FrameSamples(int count)
{
    private readonly FramePool _pool = new();
    private readonly Lock _lock = new();
    private readonly List<Frame> _frames = [];
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Copies a frame, unless there are enough.</summary>
    public void Add(Frame frame)
    {
        if (_complete.Task.IsCompleted)
            return;
        Frame copy = _pool.Rent(frame.Width, frame.Height);
        frame.Data.Span.CopyTo(copy.Data.Span);
        (copy.Index, copy.CapturedAt, copy.Matrix, copy.Range) = (frame.Index, frame.CapturedAt, frame.Matrix, frame.Range);
        lock (_lock)
        {
            _frames.Add(copy);
            if (_frames.Count == count)
                _complete.TrySetResult();
        }
    }

    /// <summary>Waits until there are enough, or for as long as the deadline allows.</summary>
    public async Task<IReadOnlyList<Frame>> TakeAsync(TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        await _complete.Task.WaitAsync(deadline, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        _complete.TrySetResult();
        lock (_lock)
            return [.. _frames];
    }
}
