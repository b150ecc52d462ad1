using EdgeInference.Frames;

namespace EdgeInference.Capture;

/// <summary>One run of a decoder over a source, from its first frame to its end.</summary>
public interface IVideoSource : IAsyncDisposable
{
    /// <summary>True for cameras and network streams, which do not wait for the reader.</summary>
    bool IsLive { get; }

    /// <summary>The source's name with credentials taken out, for logs and messages.</summary>
    string DisplayName { get; }

    /// <summary>Pictures so far that were damaged: left out, or patched up by the decoder and passed on.</summary>
    long CorruptFrames => 0;

    /// <summary>
    /// The next frame, in pooled memory that the caller then owns, or null at the end of the source.
    /// </summary>
    /// <exception cref="CaptureException">The source cannot be opened, is not a video, or died.</exception>
    ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A source that cannot be opened or died. The message names the source without its credentials, and the reason.</summary>
public sealed class CaptureException : Exception
{
    public CaptureException(string message)
        : base(message)
    {
    }

    public CaptureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
