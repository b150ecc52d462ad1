using EdgeInference.Inference;
using static EdgeInference.Tests.Inference.Recovery.PipelineHarness;

namespace EdgeInference.Tests.Inference.Recovery;

/// <summary>Streams that are stopped while their engine is away.</summary>
public sealed class StopTests
{
    private readonly FakeEngine _engine = new() { FinishesAtOnce = true };

    [Fact]
    public async Task Stop_DuringBackoff_EndsAtOnceAndDropsWhatIsQueued()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);
        await FailAsync(pipeline);
        await pipeline.WriteFramesAsync(3);

        await pipeline.StopAsync();
        await pipeline.EndAsync();

        Assert.Equal(3, pipeline.Frames.Dropped);
        Assert.Equal(0, pipeline.Recovery.Rebuilds);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Stop_EngineIsMadeBeforeTheDeadline_InfersWhatIsQueued()
    {
        using var pipeline = new PipelineHarness();
        var compiling = new Compilation();
        pipeline.NextEngines.Enqueue(compiling.Run);
        pipeline.Start(_engine);
        await FailAsync(pipeline);
        await pipeline.WriteFramesAsync(3);
        await pipeline.AdvanceUntilAsync(() => compiling.HasStarted);

        await pipeline.StopAsync();
        var next = new FakeEngine { FinishesAtOnce = true };
        compiling.Finish(next);
        await pipeline.EndAsync();

        Assert.Equal([1L, 3L, 4L, 5L], pipeline.Inferred);
        Assert.True(next.IsDisposed);
    }

    [Fact]
    public async Task Stop_DuringCompilation_EndsAtTheDeadlineAndDisposesTheEngineWhenItComes()
    {
        using var pipeline = new PipelineHarness();
        var compiling = new Compilation();
        pipeline.NextEngines.Enqueue(compiling.Run);
        pipeline.Start(_engine);
        await FailAsync(pipeline);
        await pipeline.WriteFramesAsync(3);
        await pipeline.AdvanceUntilAsync(() => compiling.HasStarted);

        await pipeline.StopAsync();
        Assert.True(pipeline.IsRunning);
        await pipeline.AbandonAsync();
        await pipeline.EndAsync();
        var late = new FakeEngine();
        compiling.Finish(late);
        await WaitUntilAsync(() => late.IsDisposed);

        Assert.Equal(3, pipeline.Frames.Dropped);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Stop_RequestHangs_EndsSoonAfterTheDeadline()
    {
        using var pipeline = new PipelineHarness();
        var stuck = new FakeEngine { IgnoresCancellation = true };
        pipeline.Start(stuck, requests: 2);
        await pipeline.StartFramesAsync([.. stuck.Requests]);
        stuck.Requests[1].Finish();
        await pipeline.StartFramesAsync(stuck.Requests[1]);
        await pipeline.WriteFrameAsync();

        await pipeline.StopAsync();
        await pipeline.AbandonAsync();
        await WaitUntilAsync(() => pipeline.Recovery.Session!.Retired.IsCompleted);
        stuck.Requests[1].Finish();
        await pipeline.AdvanceUntilAsync(() => !pipeline.IsRunning);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(pipeline.EndAsync);
        Assert.Equal(1, pipeline.Abandoned.Count);
        Assert.False(stuck.Requests[0].IsDisposed);
        Assert.True(stuck.Requests[1].IsDisposed);
        Assert.Empty(pipeline.Announcements);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Stop_StartDoesNotReturn_EndsSoonAfterTheDeadline()
    {
        using var pipeline = new PipelineHarness();
        using var block = new ManualResetEventSlim();
        pipeline.Start(_engine);
        _engine.Requests[0].BlockNext(block);
        await pipeline.StartFramesAsync(_engine.Requests[0]);
        await pipeline.WriteFrameAsync();

        await pipeline.StopAsync();
        await pipeline.AbandonAsync();
        await pipeline.AdvanceUntilAsync(() => !pipeline.IsRunning);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(pipeline.EndAsync);
        Assert.Equal(1, pipeline.Abandoned.Count);
        block.Set();
        await WaitUntilAsync(() => _engine.IsDisposed);
        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>The stop's deadline passes while the old engine is being released.</summary>
    [Fact]
    public async Task Stop_BeforeCompilation_DoesNotBeginIt()
    {
        using var pipeline = new PipelineHarness();
        using var release = new ManualResetEventSlim();
        var failing = new FakeEngine { FinishesAtOnce = true, WhenDisposed = () => Assert.True(release.Wait(TimeSpan.FromMinutes(1))) };
        int compilations = 0;
        pipeline.NextEngines.Enqueue(() =>
        {
            Interlocked.Increment(ref compilations);
            return _engine;
        });
        pipeline.Start(failing);
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);
        pipeline.Recovery.Session!.Retire(fault: null);
        await WaitUntilAsync(() => failing.Requests[0].IsDisposed);

        await pipeline.AbandonAsync();
        release.Set();
        await pipeline.EndAsync();

        Assert.Equal(0, compilations);
    }

    [Fact]
    public async Task Stop_RequestReturnsWhenItIsCancelled_AbandonsNothing()
    {
        using var pipeline = new PipelineHarness();
        var slow = new FakeEngine();
        pipeline.Start(slow);
        await pipeline.StartFramesAsync(slow.Requests[0]);

        await pipeline.StopAsync();
        await pipeline.AbandonAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(pipeline.EndAsync);
        Assert.True(slow.IsDisposed);
        Assert.Empty(pipeline.Log.Text);
    }

    /// <summary>The engine cannot be released either: that must hold up neither a stop nor a rebuild.</summary>
    [Fact]
    public async Task Run_EngineHangsInItsRelease_IsLeftBehindAndCountedBackWhenItReturns()
    {
        using var pipeline = new PipelineHarness();
        using var release = new ManualResetEventSlim();
        var stuck = new FakeEngine { FinishesAtOnce = true, WhenDisposed = () => Assert.True(release.Wait(TimeSpan.FromMinutes(1))) };
        pipeline.NextEngines.Enqueue(() => _engine);
        pipeline.Start(stuck);
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);
        stuck.Requests[0].FailNext(new InferenceException("device lost"));

        await pipeline.WriteFramesAsync(2);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 2);
        Assert.Equal(1, pipeline.Abandoned.Count);
        release.Set();
        await WaitUntilAsync(() => pipeline.Abandoned.Count == 0);
        await pipeline.CompleteAsync();

        Assert.True(stuck.IsDisposed);
    }

    private async Task FailAsync(PipelineHarness pipeline)
    {
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);
        _engine.Requests[0].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => _engine.IsDisposed);
    }
}
