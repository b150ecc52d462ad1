using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Capture;

public sealed class CaptureLoopTests
{
    private readonly FramePool _pool = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Queue<ScriptedSource> _connections = new();

    [Fact]
    public async Task RunAsync_File_NumbersItsFramesAndEnds()
    {
        _connections.Enqueue(new ScriptedSource(_pool, frames: 3, isLive: false));
        var frames = new FrameQueue(isLive: false);

        await Create(frames).RunAsync(CancellationToken.None);

        Assert.Equal([1L, 2L, 3L], await ReadIndicesAsync(frames));
    }

    [Fact]
    public async Task RunAsync_FileCannotBeRead_Fails()
    {
        _connections.Enqueue(new ScriptedSource(_pool, frames: 0, isLive: false) { Fault = new CaptureException("no video") });
        var frames = new FrameQueue(isLive: false);

        await Assert.ThrowsAsync<CaptureException>(() => Create(frames).RunAsync(CancellationToken.None));

        Assert.Empty(await ReadIndicesAsync(frames));
    }

    [Fact]
    public async Task RunAsync_LiveSourceIsLost_ConnectsAgainAndCountsOn()
    {
        using var stop = new CancellationTokenSource();
        _connections.Enqueue(new ScriptedSource(_pool, frames: 1, isLive: true) { Fault = new CaptureException("reset") });
        _connections.Enqueue(new ScriptedSource(_pool, frames: 0, isLive: true) { Fault = new CaptureException("refused") });
        _connections.Enqueue(new ScriptedSource(_pool, frames: 1, isLive: true) { WhenRead = stop.Cancel });
        var frames = new FrameQueue(isLive: true);
        CaptureLoop loop = Create(frames);

        Task running = loop.RunAsync(stop.Token);
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await running;
        Assert.Equal(2, loop.Captured);
        Assert.Empty(_connections);
    }

    [Fact]
    public async Task RunAsync_LiveSourceFasterThanItsReader_KeepsTheNewestFrame()
    {
        using var stop = new CancellationTokenSource();
        _connections.Enqueue(new ScriptedSource(_pool, frames: 5, isLive: true) { WhenRead = stop.Cancel });
        var frames = new FrameQueue(isLive: true);

        await Create(frames).RunAsync(stop.Token);

        Assert.Equal([5L], await ReadIndicesAsync(frames));
        Assert.Equal(4, frames.Dropped);
    }

    [Fact]
    public async Task RunAsync_StoppedWhileTheQueueIsFull_Ends()
    {
        using var stop = new CancellationTokenSource();
        _connections.Enqueue(new ScriptedSource(_pool, frames: 1000, isLive: false));
        Task running = Create(new FrameQueue(isLive: false)).RunAsync(stop.Token);
        Assert.False(running.IsCompleted);

        await stop.CancelAsync();

        await running;
    }

    private CaptureLoop Create(FrameQueue frames) => new(
        "stream", _connections.Dequeue, frames, new CaptureHeartbeat(isLive: true, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)), new RetryBackoff(), _time, NullLogger.Instance);

    private static async Task<List<long>> ReadIndicesAsync(FrameQueue frames)
    {
        List<long> indices = [];
        await foreach (Frame frame in frames.Reader.ReadAllAsync())
        {
            indices.Add(frame.Index);
            frame.Dispose();
        }

        return indices;
    }

    /// <summary>Gives so many frames, then its fault or its end.</summary>
    private sealed class ScriptedSource(FramePool pool, int frames, bool isLive) : IVideoSource
    {
        private int _given;

        public CaptureException? Fault { get; init; }

        /// <summary>Called when the last frame has been read.</summary>
        public Action? WhenRead { get; init; }

        public bool IsLive => isLive;

        public string DisplayName => "scripted";

        public ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_given++ < frames)
                return ValueTask.FromResult<Frame?>(pool.Rent(2, 2));
            WhenRead?.Invoke();
            cancellationToken.ThrowIfCancellationRequested();
            return Fault is null ? ValueTask.FromResult<Frame?>(null) : throw Fault;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
