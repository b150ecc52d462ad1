using EdgeInference.Functions;
using EdgeInference.Inference;
using static EdgeInference.Tests.Inference.Recovery.PipelineHarness;

namespace EdgeInference.Tests.Inference.Recovery;

/// <summary>Engines that throw.</summary>
public sealed class EngineFailureTests
{
    private readonly FakeEngine _engine = new() { FinishesAtOnce = true };
    private readonly FakeEngine _next = new() { FinishesAtOnce = true };

    /// <summary>Model and device go together, then: another stream has shown it.</summary>
    [Fact]
    public async Task Run_FirstInferenceFailsOnAnEngineThatHasWorkedForAnotherStream_EngineIsRebuilt()
    {
        using var pipeline = new PipelineHarness();
        var lost = new FakeEngine { FinishesAtOnce = true };
        var shared = SharedEngine.Of(lost);
        shared.MarkWorked();
        using SharedEngine otherStream = shared.TryShare()!;
        pipeline.NextEngines.Enqueue(static () => new FakeEngine { FinishesAtOnce = true });
        pipeline.Start(shared);
        lost.Requests[0].FailNext(new InferenceException("device lost"));

        await pipeline.WriteFramesAsync(2);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 1);
        await pipeline.CompleteAsync();

        Assert.Equal([2L], pipeline.Inferred);
        Assert.True(otherStream.HasFailed);
        Assert.False(lost.IsDisposed);
    }

    [Fact]
    public async Task Run_EngineFails_IsRebuiltAndGoesOnInOrder()
    {
        using var pipeline = new PipelineHarness();
        DateTimeOffset built = default;
        pipeline.NextEngines.Enqueue(() =>
        {
            built = pipeline.Time.GetUtcNow();
            return _next;
        });
        pipeline.Start(_engine);
        await pipeline.WriteFramesAsync(2);
        await WaitUntilAsync(() => pipeline.Count == 2);
        DateTimeOffset failed = pipeline.Time.GetUtcNow();
        _engine.Requests[0].FailNext(new InferenceException("device lost."));

        await pipeline.WriteFramesAsync(3);
        await WaitUntilAsync(() => _engine.IsDisposed);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 4);
        await pipeline.CompleteAsync();

        Assert.True(built - failed >= TimeSpan.FromSeconds(0.5), "The next engine waits for the backoff.");
        Assert.Equal([1L, 2L, 4L, 5L], pipeline.Inferred);
        Assert.Equal(1, pipeline.Pipeline.Failed);
        Assert.Equal(1, pipeline.Recovery.Rebuilds);
        Assert.True(_next.IsDisposed);
        Assert.Equal(["Inference stopped: device lost; the engine is rebuilt"], pipeline.Announcements.Take(1));
        Assert.Matches("^Inference goes on after [0-9]+ s$", Assert.Single(pipeline.Announcements.Skip(1)));
        Assert.Equal("s: inference stopped: device lost; the engine is rebuilt until it works again", Assert.Single(pipeline.Lines("Warning")));
        Assert.EndsWith("attempts to rebuild the engine: 1", Assert.Single(pipeline.Lines("Information")), StringComparison.Ordinal);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Run_SeveralInFlightWhenItFails_OthersAreReportedInOrder()
    {
        using var pipeline = new PipelineHarness();
        var engine = new FakeEngine();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(engine, requests: 3);
        await pipeline.WriteFramesAsync(3);
        foreach (FakeRequest request in engine.Requests)
            await request.WaitUntilStartedAsync();

        engine.Requests[2].Finish();
        await pipeline.WriteFrameAsync();
        await engine.Requests[2].WaitUntilStartedAsync();
        engine.Requests[1].Fail(new InferenceException("device lost"));
        engine.Requests[2].Finish();
        Assert.False(engine.IsDisposed, "An inference is in flight.");
        engine.Requests[0].Finish();
        await WaitUntilAsync(() => engine.IsDisposed);
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 4);
        await pipeline.CompleteAsync();

        Assert.Equal([1L, 3L, 4L, 5L], pipeline.Inferred);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Run_EngineCannotBeRebuilt_IsTriedUntilItWorksAndSaidOnce()
    {
        using var pipeline = new PipelineHarness();
        int attempts = 0;
        for (int i = 0; i < 5; i++)
            pipeline.NextEngines.Enqueue(() => throw new InferenceException($"no device {++attempts}"));
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_engine);
        await FailAfterOneFrameAsync(pipeline);

        await pipeline.AdvanceUntilAsync(() => attempts == 5);
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 2);
        await pipeline.CompleteAsync();

        Assert.Equal(1, pipeline.Recovery.Rebuilds);
        Assert.Equal(2, pipeline.Announcements.Count);
        Assert.Equal(
            ["s: inference stopped: device lost; the engine is rebuilt until it works again", "s: the engine cannot be rebuilt: no device 1 (said once; tried until it works again)"],
            pipeline.Lines("Warning"));
        Assert.EndsWith("attempts to rebuild the engine: 6", Assert.Single(pipeline.Lines("Information")), StringComparison.Ordinal);
    }

    /// <summary>The backoff grows until engines have proved themselves.</summary>
    [Fact]
    public async Task Run_NewEnginesFailAtOnce_IsOneOutageWithGrowingWaits()
    {
        using var pipeline = new PipelineHarness();
        List<DateTimeOffset> built = [];
        for (int i = 0; i < 4; i++)
        {
            pipeline.NextEngines.Enqueue(() =>
            {
                built.Add(pipeline.Time.GetUtcNow());
                return built.Count == 4 ? _next : new FakeEngine { FirstFailure = new InferenceException("still no device") };
            });
        }

        pipeline.Start(_engine);
        await FailAfterOneFrameAsync(pipeline);

        await pipeline.WriteFramesAsync(4);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 2);
        await pipeline.CompleteAsync();

        Assert.Equal([1L, 6L], pipeline.Inferred);
        Assert.Equal(4, pipeline.Pipeline.Failed);
        Assert.Equal(4, pipeline.Recovery.Rebuilds);
        Assert.Equal(2, pipeline.Announcements.Count);
        Assert.Single(pipeline.Lines("Warning"));
        for (int i = 1; i < 4; i++)
            Assert.True(built[i] - built[i - 1] >= TimeSpan.FromSeconds(Math.Pow(2, i) / 2), $"{i}: {built[i] - built[i - 1]}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_FirstInferenceFails_FailsWithTheEnginesMessage(bool isSynchronous)
    {
        using var pipeline = new PipelineHarness();
        var engine = new FakeEngine();
        pipeline.Start(engine);
        if (isSynchronous)
            engine.Requests[0].FailNext(new InferenceException("not on this device."));
        await pipeline.WriteFrameAsync();
        await engine.Requests[0].WaitUntilStartedAsync();

        if (!isSynchronous)
            engine.Requests[0].Fail(new InferenceException("not on this device."));

        Assert.Equal("not on this device.", (await Assert.ThrowsAsync<InferenceException>(pipeline.EndAsync)).Message);
        Assert.True(engine.IsDisposed);
        Assert.Empty(pipeline.Announcements);
        Assert.Empty(pipeline.Log.Text);
        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>A large model on a small box is no defect of this program.</summary>
    [Fact]
    public async Task Run_FirstInferenceHasNoMemory_FailsAsAnEngineDoes()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);
        var cause = new InsufficientMemoryException("of 3 GB");
        _engine.Requests[0].FailNext(cause);

        await pipeline.WriteFrameAsync();

        InferenceException exception = await Assert.ThrowsAsync<InferenceException>(pipeline.EndAsync);
        Assert.Equal("the engine has no memory: of 3 GB", exception.Message);
        Assert.Same(cause, exception.InnerException);
    }

    /// <summary>It is said, although it may yet end well.</summary>
    [Fact]
    public async Task Run_CompilationTakesLong_IsSaidOnce()
    {
        using var pipeline = new PipelineHarness();
        var compiling = new Compilation();
        pipeline.NextEngines.Enqueue(compiling.Run);
        pipeline.Start(_engine);
        await FailAfterOneFrameAsync(pipeline);
        await pipeline.AdvanceUntilAsync(() => compiling.HasStarted);
        await pipeline.AdvanceUntilAsync(() => pipeline.Lines("Warning").Length == 2, seconds: 5);
        pipeline.Time.Advance(TimeSpan.FromHours(1));

        compiling.Finish(_next);
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 2);
        await pipeline.CompleteAsync();

        Assert.Equal("s: compiling the engine takes longer than 60 s (said once; waited for until it ends)", pipeline.Lines("Warning")[1]);
        Assert.Equal(2, pipeline.Lines("Warning").Length);
        Assert.Equal(2, pipeline.Announcements.Count);
        Assert.EndsWith("attempts to rebuild the engine: 1", Assert.Single(pipeline.Lines("Information")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_EngineThrowsSomethingElse_IsADefectAndEndsTheStream()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);
        _engine.Requests[0].FailNext(new InvalidOperationException("a defect"));

        await pipeline.WriteFrameAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(pipeline.EndAsync);
        Assert.True(_engine.IsDisposed);
        Assert.Empty(pipeline.Announcements);
    }

    [Fact]
    public async Task Run_FunctionFails_EndsTheStreamThoughOthersAreInFlight()
    {
        using var pipeline = new PipelineHarness { Function = new FailingFunction(failAt: 2) };
        var engine = new FakeEngine();
        pipeline.Start(engine, requests: 2);
        await pipeline.WriteFrameAsync();
        await engine.Requests[0].WaitUntilStartedAsync();
        engine.Requests[0].Finish();
        await WaitUntilAsync(() => pipeline.Count == 1);
        await pipeline.WriteFramesAsync(2);
        await engine.Requests[0].WaitUntilStartedAsync();
        await engine.Requests[1].WaitUntilStartedAsync();

        engine.Requests[1].Finish();

        await Assert.ThrowsAsync<FormatException>(pipeline.EndAsync);
        Assert.True(engine.IsDisposed, "What was in flight is cancelled, and the engine released.");
        Assert.Empty(pipeline.Announcements);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Run_FileDuringRebuild_WaitsAndEveryFrameIsInferred()
    {
        using var pipeline = new PipelineHarness();
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_engine);
        await FailAfterOneFrameAsync(pipeline);

        Task writing = pipeline.WriteFramesAsync(20);
        await WaitUntilAsync(() => pipeline.Frames.Reader.Count == 4);
        Assert.False(writing.IsCompleted);
        await pipeline.AdvanceUntilAsync(() => writing.IsCompleted);
        await pipeline.CompleteAsync();

        Assert.Equal([1L, .. Enumerable.Range(3, 20).Select(static i => (long)i)], pipeline.Inferred);
        Assert.Equal(0, pipeline.Frames.Dropped);
    }

    [Fact]
    public async Task Run_LiveSourceDuringRebuild_DropsAllButTheNewest()
    {
        using var pipeline = new PipelineHarness(isLive: true);
        pipeline.NextEngines.Enqueue(() => _next);
        pipeline.Start(_engine);
        await FailAfterOneFrameAsync(pipeline);

        await pipeline.WriteFramesAsync(20);
        await pipeline.AdvanceUntilAsync(() => pipeline.Count == 2);
        await pipeline.CompleteAsync();

        Assert.Equal([1L, 22L], pipeline.Inferred);
        Assert.Equal(19, pipeline.Frames.Dropped);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Run_LastFrameFails_EndsWithoutAnotherEngine()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);
        await FailAfterOneFrameAsync(pipeline);

        await pipeline.CompleteAsync();

        Assert.Equal(0, pipeline.Recovery.Rebuilds);
        pipeline.AssertFramesAccountedFor();
    }

    private async Task FailAfterOneFrameAsync(PipelineHarness pipeline)
    {
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);
        _engine.Requests[0].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => _engine.IsDisposed);
    }

    private sealed class FailingFunction(int failAt) : IInferenceFunction
    {
        private readonly FirstValueFunction _inner = new();
        private int _calls;

        public string Name => "failing";

        public InferenceResult CreateResult() => _inner.CreateResult();

        public void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result)
        {
            if (Interlocked.Increment(ref _calls) == failAt)
                throw new FormatException("a defect");
            _inner.Evaluate(outputs, result);
        }
    }
}
