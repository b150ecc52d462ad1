using System.Threading.Channels;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

/// <summary>Reads a source into a <see cref="FrameQueue"/>, numbers its frames, and opens a live source again for ever.</summary>
internal sealed partial class CaptureLoop(
    string stream, Func<IVideoSource> open, FrameQueue frames, CaptureHeartbeat heartbeat, RetryBackoff backoff, TimeProvider time, ILogger logger)
{
    // A connection that gives a frame and breaks, again and again, must not start an ffmpeg every second for years.
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(10);

    private readonly OutageNews _news = new(time);
    private readonly ILogger _logger = logger;
    private long _captured;
    private long _corrupt;
    private IVideoSource? _source;

    /// <summary>Frames read from the source and queued so far, over all its connections.</summary>
    public long Captured => Interlocked.Read(ref _captured);

    /// <summary>Pictures that were damaged, over all connections.</summary>
    public long Corrupt => Interlocked.Read(ref _corrupt) + (Volatile.Read(ref _source)?.CorruptFrames ?? 0);

    /// <summary>Ends at the end of a file, or when the token stops it; completes the queue in any case.</summary>
    /// <exception cref="CaptureException">A file cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A write that waits for room has no token (that would cost an allocation a frame): completing the queue ends it.
        await using CancellationTokenRegistration stop = cancellationToken.Register(frames.Complete);
        try
        {
            while (await ReadToEndAsync(cancellationToken))
            {
                heartbeat.Lose();
                await Task.Delay(backoff.NextDelay(), time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped on purpose: the frames read so far are still inferred.
        }
        catch (ChannelClosedException)
        {
            // Stopped while waiting for room, or the reader failed; whoever completed the queue reports the reason.
        }
        finally
        {
            frames.Complete();
        }
    }

    /// <returns>Whether to connect again.</returns>
    private async Task<bool> ReadToEndAsync(CancellationToken cancellationToken)
    {
        heartbeat.Connect();
        await using IVideoSource source = open();
        Volatile.Write(ref _source, source);
        long? since = null;
        try
        {
            while (await source.ReadAsync(cancellationToken) is { } frame)
            {
                frame.Index = Captured + 1;
                heartbeat.Read();
                since ??= time.GetTimestamp();
                Say(_news.Work(), source.DisplayName);
                await frames.WriteAsync(frame);

                // Only now: the frame that waits for room when the stream is stopped is not inferred.
                Interlocked.Increment(ref _captured);
            }

            if (!source.IsLive)
                return false;
            Say(_news.Fail(), $"{source.DisplayName}: the source ended");
        }
        catch (CaptureException exception) when (source.IsLive)
        {
            Say(_news.Fail(), exception.Message.TrimEnd('.'));
        }
        finally
        {
            Volatile.Write(ref _source, null);
            Interlocked.Add(ref _corrupt, source.CorruptFrames);
        }

        if (since is { } first && time.GetElapsedTime(first) >= SteadyAfter)
            backoff.Reset();
        return true;
    }
}
