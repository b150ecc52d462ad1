using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Retrying;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Capture;

public sealed class CaptureLoopTests
{
    private readonly FramePool _pool = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger _log = new();
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

        await RunUntilEndAsync(loop, TimeSpan.FromMinutes(1), stop.Token);

        Assert.Equal(2, loop.Captured);
        Assert.Empty(_connections);
    }

    [Fact]
    public async Task RunAsync_LiveSourceComesBack_SaysHowLongItWasAwayAndHowManyAttemptsItTook()
    {
        using var stop = new CancellationTokenSource();
        _connections.Enqueue(new ScriptedSource(_pool, frames: 1, isLive: true) { Fault = new CaptureException("reset.") });
        _connections.Enqueue(new ScriptedSource(_pool, frames: 0, isLive: true) { Fault = new CaptureException("refused.") });
        _connections.Enqueue(new ScriptedSource(_pool, frames: 0, isLive: true) { Fault = new CaptureException("refused.") });
        _connections.Enqueue(new ScriptedSource(_pool, frames: 1, isLive: true) { WhenRead = stop.Cancel });

        await RunUntilEndAsync(Create(new FrameQueue(isLive: true)), TimeSpan.FromMinutes(1), stop.Token);

        Assert.Equal(["stream: lost: reset; connecting again until it is back", "stream: scripted is back after 3 min, at attempt 3"], _log.Messages);
    }

    /// <summary>Connects, gives one frame, is lost; for a day.</summary>
    [Fact]
    public async Task RunAsync_LiveSourceFlaps_SaysALineAnHourAndConnectsWithGrowingPauses()
    {
        var end = _time.GetUtcNow() + TimeSpan.FromDays(1);
        using var stop = new CancellationTokenSource();
        int connections = 0;
        var loop = new CaptureLoop(
            "stream",
            () => new ScriptedSource(_pool, frames: 1, isLive: true)
            {
                Fault = new CaptureException("reset."),
                WhenRead = () =>
                {
                    connections++;
                    if (_time.GetUtcNow() > end)
                        stop.Cancel();
                },
            },
            new FrameQueue(isLive: true),
            NewHeartbeat(),
            new RetryBackoff(),
            _time,
            _log);

        await RunUntilEndAsync(loop, TimeSpan.FromSeconds(5), stop.Token);

        // The pauses are 15 to 30 s in the end.
        Assert.InRange(connections, 86400 / 35, 86400 / 15);
        Assert.Equal(connections, loop.Captured);
        Assert.StartsWith("stream: unsteady: lost 4 times within ", _log.Messages[6], StringComparison.Ordinal);
        Assert.All(_log.Messages.Skip(7), static line => Assert.StartsWith("stream: still unsteady: lost ", line, StringComparison.Ordinal));
        Assert.InRange(_log.Messages.Count, 7 + 23, 7 + 24);
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
        "stream", _connections.Dequeue, frames, NewHeartbeat(), new RetryBackoff(), _time, _log);

    private static CaptureHeartbeat NewHeartbeat() => new(isLive: true, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

    /// <summary>
    /// The clock goes on by a step whenever the loop waits. Away from the test's context, what waits for the clock goes on
    /// within the step.
    /// </summary>
    private Task RunUntilEndAsync(CaptureLoop loop, TimeSpan step, CancellationToken stop) => Task.Run(
        async () =>
        {
            Task running = loop.RunAsync(stop);
            while (!running.IsCompleted)
            {
                _time.Advance(step);
                await Task.Yield();
            }

            await running;
        },
        CancellationToken.None);

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
