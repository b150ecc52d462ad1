using EdgeInference.Capture;
using EdgeInference.Frames;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Tests.Capture;

/// <summary>What tests of sources share: a folder, a pool, and ways to read a source.</summary>
public abstract class CaptureTest : IDisposable
{
    private readonly TempFolder _folder = new();

    protected FramePool Pool { get; } = new();

    protected string FolderPath => _folder.Path;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string FilePath(string name) => _folder.File(name);

    protected IVideoSource Open(string input) => Open(new SourceOptions { Input = input });

    protected IVideoSource Open(SourceOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null) =>
        new VideoSourceFactory(time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance).Open(options, Pool);

    /// <summary>The planes of every frame, whose indexes must count from 1.</summary>
    protected static async Task<List<byte[]>> ReadToEndAsync(IVideoSource source)
    {
        List<byte[]> frames = [];
        while (await source.ReadAsync(CancellationToken.None) is { } frame)
        {
            using (frame)
            {
                frames.Add(frame.Data.ToArray());
                Assert.Equal(frames.Count, frame.Index);
            }
        }

        return frames;
    }

    /// <summary>The message of the failure that ends the source, which must come before any frame.</summary>
    protected static async Task<string> FailToOpenAsync(IVideoSource source)
    {
        await using (source)
        {
            CaptureException failure = await Assert.ThrowsAsync<CaptureException>(
                async () => await source.ReadAsync(CancellationToken.None));
            return failure.Message;
        }
    }

    protected static void AssertGone(int processId) => Assert.False(Directory.Exists($"/proc/{processId}"));
}
