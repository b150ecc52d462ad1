using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using static EdgeInference.Tests.Inference.Recovery.PipelineHarness;

namespace EdgeInference.Tests.Inference.Recovery;

public sealed class MemoryBudgetTests
{
    private const long Megabyte = 1_000_000;

    private readonly FakeEngine _engine = new() { FinishesAtOnce = true };
    private readonly FakeEngine _next = new() { FinishesAtOnce = true };
    private readonly ProcessMemory _memory;
    private long _resident = 300 * Megabyte;
    private int _reads;

    public MemoryBudgetTests() => _memory = new ProcessMemory(() =>
    {
        Interlocked.Increment(ref _reads);
        return Interlocked.Read(ref _resident);
    });

    [Fact]
    public async Task Run_BudgetIsCrossed_RecyclesTheEngineWithoutLosingAFrame()
    {
        using PipelineHarness pipeline = Create();
        bool wasReleasedFirst = false;
        pipeline.NextEngines.Enqueue(() =>
        {
            wasReleasedFirst = _engine.IsDisposed;
            return _next;
        });
        pipeline.Start(_engine, requests: 2);
        await WarmUpAsync(pipeline, frames: 100);
        await MeasureAsync(pipeline);

        Interlocked.Exchange(ref _resident, 351 * Megabyte);
        Task writing = pipeline.WriteFramesAsync(50);
        await pipeline.AdvanceUntilAsync(() => pipeline.Recovery.Rebuilds == 1);
        await writing;
        await pipeline.CompleteAsync();

        Assert.Equal(Enumerable.Range(1, 150).Select(static i => (long)i), pipeline.Inferred);
        Assert.Equal(0, pipeline.Pipeline.Failed);
        Assert.True(wasReleasedFirst, "There may not be room for both.");
        Assert.Empty(pipeline.Announcements);
        Assert.Equal(
            "Warning: s: 351 MB resident, 51 MB more than when the engine was warm, of which the memory budget allows 50 MB: the engine is recycled",
            pipeline.Log.Text.Trim());
    }

    [Fact]
    public async Task Run_MemoryIsHeldElsewhere_IsMeasuredAnewAndNotRecycledAgain()
    {
        using PipelineHarness pipeline = Create();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_engine);
        await WarmUpAsync(pipeline, frames: 100);
        await MeasureAsync(pipeline);
        Interlocked.Exchange(ref _resident, 400 * Megabyte);
        await pipeline.AdvanceUntilAsync(() => pipeline.Recovery.Rebuilds == 1);

        await WarmUpAsync(pipeline, frames: 200);
        await MeasureAsync(pipeline);
        Interlocked.Exchange(ref _resident, 450 * Megabyte);
        await MeasureAsync(pipeline);
        await MeasureAsync(pipeline);
        await pipeline.CompleteAsync();

        Assert.Equal(1, pipeline.Recovery.Rebuilds);
    }

    [Fact]
    public async Task Run_BeforeTheWarmUp_MeasuresNothing()
    {
        using PipelineHarness pipeline = Create();
        pipeline.Start(_engine);
        await WarmUpAsync(pipeline, frames: 99);

        for (int i = 0; i < 10; i++)
        {
            pipeline.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        await pipeline.CompleteAsync();
        Assert.Equal(0, _reads);
    }

    [Fact]
    public async Task Run_InFlightWhenCrossed_EndsFirst()
    {
        using PipelineHarness pipeline = Create();
        pipeline.NextEngines.Enqueue(() => _next);
        var engine = new FakeEngine();
        pipeline.Start(engine);
        InferenceSession session = pipeline.Recovery.Session!;
        for (int i = 0; i < InferenceSession.WarmUp; i++)
        {
            await pipeline.StartFramesAsync(engine.Requests[0]);
            engine.Requests[0].Finish();
        }

        await pipeline.StartFramesAsync(engine.Requests[0]);
        await MeasureAsync(pipeline);
        Interlocked.Exchange(ref _resident, 351 * Megabyte);
        await pipeline.AdvanceUntilAsync(() => session.Retired.IsCompleted);
        Assert.False(session.Drained.IsCompleted);
        engine.Requests[0].Finish();
        await pipeline.WriteFrameAsync();
        await pipeline.CompleteAsync();

        Assert.Equal(InferenceSession.WarmUp + 2, pipeline.Count);
        Assert.Equal(0, pipeline.Pipeline.Failed);
    }

    /// <summary>Recycling has made it an outage: that is said, and retried with backoff.</summary>
    [Fact]
    public async Task Run_EngineCannotBeMadeAgain_IsAnOutageAndOthersHaveTheirTurn()
    {
        using PipelineHarness pipeline = Create();
        bool othersTurn = false;
        pipeline.NextEngines.Enqueue(() => throw new InferenceException("no device"));
        pipeline.NextEngines.Enqueue(() =>
        {
            othersTurn = _memory.TryBeginRecycling();
            return _next;
        });
        pipeline.Start(_engine);
        await WarmUpAsync(pipeline, frames: 100);
        await MeasureAsync(pipeline);
        Interlocked.Exchange(ref _resident, 351 * Megabyte);

        await pipeline.AdvanceUntilAsync(() => pipeline.Recovery.Rebuilds == 1);
        await pipeline.WriteFrameAsync();
        await pipeline.CompleteAsync();

        Assert.True(othersTurn);
        Assert.Equal(101, pipeline.Count);
        Assert.Equal("Inference stopped: no device; the engine is rebuilt", pipeline.Announcements.First());
        Assert.Equal(2, pipeline.Announcements.Count);
    }

    [Fact]
    public async Task Run_CompilationDoesNotEnd_IsAnOutageAndOthersHaveTheirTurn()
    {
        using PipelineHarness pipeline = Create();
        var compiling = new Compilation();
        pipeline.NextEngines.Enqueue(compiling.Run);
        pipeline.Start(_engine);
        await WarmUpAsync(pipeline, frames: 100);
        await MeasureAsync(pipeline);
        Interlocked.Exchange(ref _resident, 351 * Megabyte);

        await pipeline.AdvanceUntilAsync(() => compiling.HasStarted);
        Assert.True(_memory.TryBeginRecycling());
        await pipeline.AdvanceUntilAsync(() => !pipeline.Announcements.IsEmpty, seconds: 5);
        compiling.Finish(_next);
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 101);
        await pipeline.CompleteAsync();

        Assert.Equal("Inference stopped: compiling the engine takes longer than 60 s; the engine is rebuilt", pipeline.Announcements.First());
        Assert.Equal(2, pipeline.Announcements.Count);
        Assert.EndsWith("attempts to rebuild the engine: 1", Assert.Single(pipeline.Lines("Information")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ReleaseFailsWhenTheStreamEnds_OthersHaveTheirTurn()
    {
        using PipelineHarness pipeline = Create();
        var engine = new FakeEngine { WhenDisposed = static () => throw new InvalidOperationException("a defect") };
        pipeline.Start(engine);
        InferenceSession session = pipeline.Recovery.Session!;
        for (int i = 0; i < InferenceSession.WarmUp; i++)
        {
            await pipeline.StartFramesAsync(engine.Requests[0]);
            engine.Requests[0].Finish();
        }

        await pipeline.StartFramesAsync(engine.Requests[0]);
        await MeasureAsync(pipeline);
        Interlocked.Exchange(ref _resident, 351 * Megabyte);
        await pipeline.AdvanceUntilAsync(() => session.Retired.IsCompleted);
        Assert.False(_memory.TryBeginRecycling());

        await pipeline.AbandonAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(pipeline.EndAsync);

        Assert.True(_memory.TryBeginRecycling());
    }

    /// <summary>A stream that nobody watches would be worse than one that has ended.</summary>
    [Fact]
    public async Task Run_LookFails_EndsTheStreamAndReleasesTheEngine()
    {
        using var pipeline = new PipelineHarness { Memory = new ProcessMemory(static () => throw new InvalidOperationException("a defect")), MemoryBudget = 1 };
        pipeline.Start(_engine);
        await WarmUpAsync(pipeline, frames: 100);

        await pipeline.AdvanceUntilAsync(() => !pipeline.IsRunning);

        await Assert.ThrowsAsync<InvalidOperationException>(pipeline.EndAsync);
        Assert.True(_engine.IsDisposed);
    }

    [Fact]
    public async Task Run_AnotherStreamIsBeingRecycled_WaitsForItsTurn()
    {
        using PipelineHarness pipeline = Create();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_engine);
        await WarmUpAsync(pipeline, frames: 100);
        await MeasureAsync(pipeline);
        Assert.True(_memory.TryBeginRecycling());
        Interlocked.Exchange(ref _resident, 351 * Megabyte);

        await MeasureAsync(pipeline);
        await MeasureAsync(pipeline);
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 101);
        Assert.False(pipeline.Recovery.Session!.Retired.IsCompleted);
        _memory.EndRecycling();
        await pipeline.AdvanceUntilAsync(() => pipeline.Recovery.Rebuilds == 1);
        Assert.True(_memory.TryBeginRecycling());
        await pipeline.CompleteAsync();
    }

    private PipelineHarness Create() => new() { Memory = _memory, MemoryBudget = 50 * Megabyte };

    private static async Task WarmUpAsync(PipelineHarness pipeline, int frames)
    {
        while (pipeline.Count < frames)
        {
            int count = pipeline.Count;
            await pipeline.WriteFrameAsync();
            await WaitUntilAsync(() => pipeline.Count > count);
        }
    }

    /// <summary>Until the memory has been read once more.</summary>
    private async Task MeasureAsync(PipelineHarness pipeline)
    {
        int reads = Volatile.Read(ref _reads);
        await pipeline.AdvanceUntilAsync(() => Volatile.Read(ref _reads) > reads);
    }
}
