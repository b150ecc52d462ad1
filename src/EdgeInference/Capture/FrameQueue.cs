using System.Threading.Channels;
using EdgeInference.Frames;

namespace EdgeInference.Capture;

/// <summary>
/// The frames between a source and its inference. A file waits when it is full; of a live source the oldest frame is
/// dropped, so that what is inferred is always the newest.
/// </summary>
internal sealed class FrameQueue
{
    // A file's decoder may run ahead a little, to even out its speed; a live source must not, that would be latency.
    private const int FileCapacity = 4;
    private const int LiveCapacity = 1;

    private readonly Channel<Frame> _frames;
    private FrameSamples? _samples;
    private long _dropped;

    public FrameQueue(bool isLive)
    {
        var options = new BoundedChannelOptions(isLive ? LiveCapacity : FileCapacity)
        {
            SingleReader = true,
            SingleWriter = true,
            FullMode = isLive ? BoundedChannelFullMode.DropOldest : BoundedChannelFullMode.Wait,
        };
        _frames = Channel.CreateBounded(options, (Frame dropped) =>
        {
            Interlocked.Increment(ref _dropped);
            dropped.Dispose();
        });
    }

    /// <summary>Frames that were never inferred: those of a live source that came too late, and what was queued when inference ended.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public ChannelReader<Frame> Reader => _frames.Reader;

    /// <summary>Takes over the frame.</summary>
    /// <exception cref="ChannelClosedException">Nobody reads any more.</exception>
    public ValueTask WriteAsync(Frame frame)
    {
        Volatile.Read(ref _samples)?.Add(frame);
        return _frames.Writer.WriteAsync(frame, CancellationToken.None);
    }

    /// <summary>Has frames that come from now on copied; null for none any more.</summary>
    public void Sample(FrameSamples? samples) => Volatile.Write(ref _samples, samples);

    /// <summary>No more frames: the reader gets what is there, then the end. Also ends a write that waits.</summary>
    public void Complete() => _frames.Writer.TryComplete();

    /// <summary>Nobody reads any more: what is left is dropped.</summary>
    public void DropRest()
    {
        Complete();
        while (Reader.TryRead(out Frame? frame))
        {
            Interlocked.Increment(ref _dropped);
            frame.Dispose();
        }
    }
}
