using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using static EdgeInference.Tests.Inference.Recovery.PipelineHarness;

namespace EdgeInference.Tests.Inference.Recovery;

/// <summary>Engines that do not answer.</summary>
public sealed class StuckRequestTests
{
    private readonly FakeEngine _stuck = new() { IgnoresCancellation = true };
    private readonly FakeEngine _next = new() { FinishesAtOnce = true };

    [Fact]
    public async Task Run_OneRequestHangs_IsAbandonedWhileOthersGoOn()
    {
        using var pipeline = new PipelineHarness();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_stuck, requests: 2);
        await pipeline.StartFramesAsync([.. _stuck.Requests]);
        _stuck.Requests[1].Finish();
        await pipeline.StartFramesAsync(_stuck.Requests[1]);
        InferenceSession session = pipeline.Recovery.Session!;

        // Frame 1 hangs in the first request; 3 ends in the second while that is being found out.
        pipeline.LookUntilTimeout();
        Assert.True(session.Retired.IsCompleted);
        await WaitUntilAsync(() => !pipeline.Announcements.IsEmpty);
        _stuck.Requests[1].Finish();
        await WaitUntilAsync(() => session.Requests[1].Running is null);
        Assert.False(session.Drained.IsCompleted);
        pipeline.Watchdog.Look(session);
        Assert.Equal(1, pipeline.Abandoned.Count);
        await WaitUntilAsync(() => _stuck.Requests[1].IsDisposed);
        await pipeline.WriteFramesAsync(2);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 4);
        await pipeline.CompleteAsync();

        Assert.Equal([2L, 3L, 4L, 5L], pipeline.Inferred);
        Assert.Equal(1, pipeline.Pipeline.Failed);
        Assert.False(_stuck.Requests[0].IsDisposed, "The engine may still write to its tensors.");
        Assert.True(_stuck.Requests[1].IsDisposed);
        Assert.False(_stuck.IsDisposed, "An engine must outlive its requests.");
        Assert.Equal("Inference stopped: a request has not returned within 8 s; the engine is rebuilt", pipeline.Announcements.First());
        Assert.Equal(2, pipeline.Announcements.Count);
        Assert.Equal(
            [
                "s: inference stopped: a request has not returned within 8 s; the engine is rebuilt until it works again",
                "s: the engine does not return from an inference, not even cancelled; what that holds is abandoned (1 such in this process)",
            ],
            pipeline.Lines("Warning"));
        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>The engine has never answered on this stream: unlike an exception that may be the device's passing trouble.</summary>
    [Fact]
    public async Task Run_FirstInferenceHangs_IsRebuiltAllTheSame()
    {
        using var pipeline = new PipelineHarness();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_stuck);
        await pipeline.StartFramesAsync(_stuck.Requests[0]);

        await pipeline.AdvanceUntilAsync(() => pipeline.Abandoned.Count == 1);
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 1);
        await pipeline.CompleteAsync();

        Assert.Equal([2L], pipeline.Inferred);
    }

    /// <summary>The one that hung still has its memory when the next one is tried: no word on model and device.</summary>
    [Fact]
    public async Task Run_FirstInferenceHangsAndTheNextEngineThrows_IsRebuiltUntilItWorks()
    {
        using var pipeline = new PipelineHarness();
        pipeline.NextEngines.Enqueue(static () => new FakeEngine { FirstFailure = new InferenceException("out of memory") });
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_stuck);
        await pipeline.StartFramesAsync(_stuck.Requests[0]);

        await pipeline.AdvanceUntilAsync(() => pipeline.Abandoned.Count == 1);
        await pipeline.WriteFramesAsync(2);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 1 || !pipeline.IsRunning);
        await pipeline.CompleteAsync();

        Assert.Equal([3L], pipeline.Inferred);
        Assert.Equal(2, pipeline.Announcements.Count);
        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>Frame 1 has ended where the start of 2 begins: it must not wait for that.</summary>
    [Fact]
    public async Task Run_StartDoesNotReturn_IsAbandonedAndTheNextEngineGoesOn()
    {
        using var pipeline = new PipelineHarness();
        using var block = new ManualResetEventSlim();
        pipeline.NextEngines.Enqueue(() => _next);
        var engine = new FakeEngine();
        pipeline.Start(engine);
        await pipeline.StartFramesAsync(engine.Requests[0]);
        engine.Requests[0].BlockNext(block);
        await pipeline.WriteFramesAsync(2);

        engine.Requests[0].Finish();
        await engine.Requests[0].WaitUntilStartedAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);
        await pipeline.AdvanceUntilAsync(() => pipeline.Abandoned.Count == 1);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 2);
        Assert.False(engine.Requests[0].IsDisposed, "The engine is still in there.");
        block.Set();
        await WaitUntilAsync(() => pipeline.Abandoned.Count == 0);
        await pipeline.CompleteAsync();

        Assert.Equal([1L, 3L], pipeline.Inferred);
        Assert.True(engine.IsDisposed);
        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>They all would block: that one has a thread is enough.</summary>
    [Fact]
    public async Task Run_StartDoesNotReturn_NoOtherIsStartedMeanwhile()
    {
        using var pipeline = new PipelineHarness();
        using var block = new ManualResetEventSlim();
        pipeline.NextEngines.Enqueue(() => _next);
        var engine = new FakeEngine();
        pipeline.Start(engine, requests: 3);
        engine.Requests[1].BlockNext(block);

        await pipeline.StartFramesAsync(engine.Requests[0], engine.Requests[1]);
        await pipeline.WriteFramesAsync(2);
        engine.Requests[0].Finish();
        await WaitUntilAsync(() => pipeline.Count == 1);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 3);
        block.Set();
        await pipeline.CompleteAsync();

        Assert.Equal([1L, 3L, 4L], pipeline.Inferred);
        Assert.Equal(1, pipeline.Pipeline.Failed);
    }

    [Fact]
    public async Task Run_RequestEndsWhenItIsCancelled_IsNotAbandoned()
    {
        using var pipeline = new PipelineHarness();
        var slow = new FakeEngine();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(slow);
        await pipeline.StartFramesAsync(slow.Requests[0]);

        await pipeline.AdvanceUntilAsync(() => slow.IsDisposed, seconds: 2);
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 1);
        await pipeline.CompleteAsync();

        Assert.Equal(1, pipeline.Pipeline.Failed);
        Assert.Equal(0, pipeline.Abandoned.Count);
    }

    [Fact]
    public async Task Run_AbandonedRequestReturns_IsReleasedAndCountedBack()
    {
        using var pipeline = new PipelineHarness();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_stuck);
        await pipeline.StartFramesAsync(_stuck.Requests[0]);
        await pipeline.AdvanceUntilAsync(() => pipeline.Abandoned.Count == 1);
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 1);

        _stuck.Requests[0].Finish();
        await WaitUntilAsync(() => pipeline.Abandoned.Count == 0);
        await pipeline.WriteFrameAsync();
        await pipeline.CompleteAsync();

        Assert.True(_stuck.IsDisposed);
        Assert.Equal([2L, 3L], pipeline.Inferred);
        Assert.Contains("s: what was abandoned has returned after all and is released (0 such left in this process)", pipeline.Lines("Information"));
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Run_TooManyEnginesOfTheProcessAreStuck_FailsAndSaysSo()
    {
        using var pipeline = new PipelineHarness();
        List<FakeEngine> engines = [_stuck];
        for (int i = 0; i < 20; i++)
        {
            pipeline.NextEngines.Enqueue(() =>
            {
                engines.Add(new FakeEngine { IgnoresCancellation = true });
                return engines[^1];
            });
        }

        pipeline.Start(_stuck);
        await pipeline.WriteFramesAsync(4);
        for (int i = 0; i <= StuckEngines.Most; i++)
        {
            await WaitUntilAsync(() => pipeline.Frames.Reader.Count < 4);
            await pipeline.WriteFrameAsync();
            await pipeline.AdvanceUntilAsync(() => pipeline.Abandoned.Count > i, seconds: 0.5);
            await pipeline.AdvanceUntilAsync(() => engines.Count == i + 2 || !pipeline.IsRunning, seconds: 0.5);
        }

        var exception = await Assert.ThrowsAsync<InferenceException>(pipeline.EndAsync);
        Assert.Contains("the engine is stuck", exception.Message, StringComparison.Ordinal);
        Assert.Contains("restart the service", exception.Message, StringComparison.Ordinal);
        Assert.Equal(StuckEngines.Most + 1, engines.Count);
        Assert.Single(pipeline.Announcements);
        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>Another stream's stuck engines are not this one's fault.</summary>
    [Fact]
    public async Task Run_OtherStreamsEnginesAreStuck_AFailureIsStillRecoveredFrom()
    {
        var stuck = new StuckEngines();
        for (int i = 0; i <= StuckEngines.Most; i++)
            stuck.Add(InferenceSession.Open(new FakeEngine(), requests: 0, parts: null!));
        using var pipeline = new PipelineHarness { Stuck = stuck };
        var engine = new FakeEngine { FinishesAtOnce = true };
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(engine);
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);
        engine.Requests[0].FailNext(new InferenceException("device lost"));

        await pipeline.WriteFramesAsync(2);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 2);
        await pipeline.CompleteAsync();

        Assert.Equal([1L, 3L], pipeline.Inferred);
    }

    [Fact]
    public async Task BusyTime_RequestIsAbandoned_EndsThere()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_stuck);
        await pipeline.StartFramesAsync(_stuck.Requests[0]);
        await pipeline.AdvanceUntilAsync(() => pipeline.Abandoned.Count == 1);
        TimeSpan busy = pipeline.BusyTime.Total;

        pipeline.Time.Advance(TimeSpan.FromHours(1));
        _stuck.Requests[0].Finish();
        await WaitUntilAsync(() => pipeline.Abandoned.Count == 0);
        pipeline.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(busy, pipeline.BusyTime.Total);
        await pipeline.CompleteAsync();
    }
}
