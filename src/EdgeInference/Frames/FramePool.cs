using System.Collections.Concurrent;

namespace EdgeInference.Frames;

/// <summary>
/// Reuses the memory of frames, so that a running stream allocates nothing. One pool a stream: its frames have one
/// size, and as many exist as were ever in use at once.
/// </summary>
public sealed class FramePool
{
    private readonly ConcurrentQueue<Frame> _idle = new();
    private int _created;

    /// <summary>Frames made so far: the most that were ever in use at once.</summary>
    public int Created => Volatile.Read(ref _created);

    /// <summary>A frame of the given size whose content is undefined.</summary>
    public Frame Rent(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (!_idle.TryDequeue(out Frame? frame))
        {
            frame = new Frame(this);
            Interlocked.Increment(ref _created);
        }

        frame.Reset(width, height);
        return frame;
    }

    internal void Return(Frame frame) => _idle.Enqueue(frame);
}
