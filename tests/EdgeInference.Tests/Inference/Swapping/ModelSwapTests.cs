using EdgeInference.Functions;
using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using EdgeInference.Inference.Swapping;
using EdgeInference.Tests.Inference.Recovery;
using static EdgeInference.Tests.Inference.Recovery.PipelineHarness;

namespace EdgeInference.Tests.Inference.Swapping;

/// <summary>Another model takes the place of the one in use, or not.</summary>
public sealed class ModelSwapTests
{
    private readonly FakeEngine _engine = new() { FinishesAtOnce = true };
    private readonly FakeEngine _new = new() { FinishesAtOnce = true };

    [Fact]
    public async Task RunAsync_FramesComeMeanwhile_ChangesBetweenTwoFramesAndLosesNone()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine, requests: 3);
        await pipeline.InferUntilAsync(() => pipeline.Count == 20);

        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.InferUntilAsync(() => swap.IsCompleted);
        int before = pipeline.Count;
        await pipeline.InferUntilAsync(() => pipeline.Count == before + 20);
        await pipeline.CompleteAsync();

        Assert.Null((await swap).Refusal);
        Assert.Equal(Enumerable.Range(1, before + 20).Select(static frame => (long)frame), pipeline.Inferred);
        Assert.Equal(["m", "new"], pipeline.Models.Distinct());
        Assert.Equal(pipeline.Models.OrderBy(static model => model, StringComparer.Ordinal), pipeline.Models);
        Assert.Equal("Model changed: new (ONNX)", Assert.Single(pipeline.Announcements));
        Assert.StartsWith("s: model new (ONNX) takes the place of m, after 5 frames on trial: ", Assert.Single(pipeline.Lines("Information")), StringComparison.Ordinal);
        Assert.Equal((0, 1), (pipeline.Recovery.Rebuilds, pipeline.Recovery.Swaps));
        Assert.True(_engine.IsDisposed);
        Assert.True(_new.IsDisposed);
    }

    /// <summary>Frames that are in the old engine when the new one is ready come first.</summary>
    [Fact]
    public async Task RunAsync_OldInferenceIsSlow_ResultsLeaveInFrameOrder()
    {
        using var pipeline = new PipelineHarness();
        var slow = new FakeEngine();
        pipeline.Start(slow, requests: 2);
        await pipeline.StartFramesAsync(slow.Requests[0], slow.Requests[1]);
        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);

        // What the old engine is tried with does not end before it is told to, either.
        await pipeline.WriteFramesAsync(3);
        await pipeline.AdvanceUntilAsync(() => slow.Requests.Count == 3);
        for (int i = 0; i < 4; i++)
        {
            await slow.Requests[2].WaitUntilStartedAsync();
            slow.Requests[2].Finish();
        }

        await WaitUntilAsync(() => pipeline.Recovery.Session!.Retired.IsCompleted);
        Assert.Empty(pipeline.Inferred);
        slow.Requests[1].Finish();
        slow.Requests[0].Finish();
        Assert.Null((await swap).Refusal);
        await pipeline.CompleteAsync();

        Assert.Equal([1L, 2L, 3L, 4L, 5L], pipeline.Inferred);
        Assert.Equal(["m", "m", "new", "new", "new"], pipeline.Models);
    }

    [Fact]
    public async Task RunAsync_NoFrameComes_TriesAGreyOne()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);

        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.AdvanceUntilAsync(() => swap.IsCompleted);
        await pipeline.WriteFrameAsync();
        await pipeline.CompleteAsync();

        Assert.Null((await swap).Refusal);
        Assert.Equal(["new"], pipeline.Models);
        Assert.Contains("after 0 frames on trial", Assert.Single(pipeline.Lines("Information")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_OutputsAreNotFinite_IsRefused()
    {
        var broken = new FakeEngine { FinishesAtOnce = true, WhenInferred = static request => request.Outputs[0].Elements<float>()[0] = float.NaN };

        await AssertRefusedAsync(broken, "new (ONNX): 1 of 1 values of its output 0 are NaN or infinite");
    }

    [Fact]
    public async Task RunAsync_InferenceFails_IsRefused() => await AssertRefusedAsync(
        new FakeEngine { FinishesAtOnce = true, FirstFailure = new InferenceException("no memory on the device.") }, "no memory on the device");

    /// <summary>Whatever it is: the stream goes on with what it has.</summary>
    [Fact]
    public async Task RunAsync_FunctionFails_IsRefused() => await AssertRefusedAsync(_new, "no such output", new FailingFunction());

    [Fact]
    public async Task RunAsync_AnotherKindOfFunction_IsRefused() => await AssertRefusedAsync(
        _new, "new (ONNX): it is for another thing, and the stream is for first value", new OtherFunction());

    [Fact]
    public async Task RunAsync_ScoresAreNotProbabilities_IsRefused() => await AssertRefusedAsync(
        _new, "new (ONNX): its scores are not between 0 and 1, as those of the model in use are", new FirstValueFunction { HasProbabilities = false });

    [Fact]
    public async Task RunAsync_InferencesTakeLonger_IsRefused()
    {
        using var pipeline = new PipelineHarness();
        void Spend(int milliseconds) => pipeline.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        // The stream's own inferences, which go on meanwhile, take no time: what is measured is that of the trials.
        FakeEngine quick = null!;
        quick = new FakeEngine { FinishesAtOnce = true, StartsAtOnce = true, WhenInferred = request => Spend(request == quick.Requests[0] ? 0 : 2) };
        var slow = new FakeEngine { FinishesAtOnce = true, StartsAtOnce = true, WhenInferred = _ => Spend(7) };
        var good = new FakeEngine { FinishesAtOnce = true, StartsAtOnce = true, WhenInferred = _ => Spend(6) };
        pipeline.Start(quick);

        Task<SwapOutcome> refused = pipeline.SwapAsync(slow);
        await pipeline.InferUntilAsync(() => refused.IsCompleted);
        Task<SwapOutcome> swapped = pipeline.SwapAsync(good);
        await pipeline.InferUntilAsync(() => swapped.IsCompleted);
        await pipeline.CompleteAsync();

        Assert.Equal("new (ONNX): an inference takes 7.0 ms, more than 3 times the 2.0 ms of the model in use", (await refused).Refusal);
        Assert.True(slow.IsDisposed);
        Assert.Null((await swapped).Refusal);
    }

    [Fact]
    public async Task RunAsync_InferenceDoesNotReturn_IsRefusedAndLeftBehind()
    {
        using var pipeline = new PipelineHarness();
        var stuck = new FakeEngine { IgnoresCancellation = true };
        pipeline.Start(_engine);

        Task<SwapOutcome> swap = pipeline.SwapAsync(stuck);
        await pipeline.InferUntilAsync(() => stuck.Requests.Count == 1);
        await pipeline.WriteFramesAsync(5);
        await stuck.Requests[0].WaitUntilStartedAsync();
        await pipeline.AdvanceUntilAsync(() => swap.IsCompleted);
        await pipeline.InferUntilAsync(() => pipeline.Count > 10);

        Assert.Equal("a request has not returned within 8 s", (await swap).Refusal);
        Assert.Equal(1, pipeline.Abandoned.Count);
        Assert.False(stuck.IsDisposed);
        stuck.Requests[0].Finish();
        await WaitUntilAsync(() => stuck.IsDisposed);
        await pipeline.CompleteAsync();
        Assert.Equal(["m"], pipeline.Models.Distinct());
        Assert.Empty(pipeline.Lines("Error"));
    }

    [Fact]
    public async Task RunAsync_LoadFails_IsRefused()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);

        SwapOutcome outcome = await pipeline.Swap.RunAsync(static () => throw new ModelException("new.xml: is damaged."), CancellationToken.None);
        await pipeline.InferUntilAsync(() => pipeline.Count == 1);
        await pipeline.CompleteAsync();

        Assert.Equal("new.xml: is damaged", outcome.Refusal);
        Assert.Equal("Model refused: new.xml: is damaged; m stays in use", Assert.Single(pipeline.Announcements));
        Assert.Equal("s: the new model is refused: new.xml: is damaged; m stays in use", Assert.Single(pipeline.Lines("Warning")));
    }

    [Fact]
    public async Task RunAsync_ModelIsBeingCompiled_FramesAreInferredMeanwhile()
    {
        using var pipeline = new PipelineHarness();
        var compiling = new Compilation();
        pipeline.Start(_engine);

        Task<SwapOutcome> swap = pipeline.Swap.RunAsync(() => pipeline.ModelOf((FakeEngine)compiling.Run()), CancellationToken.None);
        await WaitUntilAsync(() => compiling.HasStarted);
        await pipeline.InferUntilAsync(() => pipeline.Count == 30);
        Assert.False(swap.IsCompleted);
        compiling.Finish(_new);
        Assert.Null((await swap).Refusal);
        await pipeline.InferUntilAsync(() => pipeline.Count == 31);
        await pipeline.CompleteAsync();

        Assert.Equal(Enumerable.Repeat("m", 30).Append("new"), pipeline.Models);
    }

    [Fact]
    public async Task RunAsync_ModelIsNotCompiledInTime_IsRefusedAndDisposedWhenItComes()
    {
        using var pipeline = new PipelineHarness();
        var compiling = new Compilation();
        pipeline.Start(_engine);

        Task<SwapOutcome> swap = pipeline.Swap.RunAsync(() => pipeline.ModelOf((FakeEngine)compiling.Run()), CancellationToken.None);
        await WaitUntilAsync(() => compiling.HasStarted);
        await pipeline.AdvanceUntilAsync(() => swap.IsCompleted, seconds: 10);
        compiling.Finish(_new);
        await WaitUntilAsync(() => _new.IsDisposed);
        await pipeline.InferUntilAsync(() => pipeline.Count == 1);
        await pipeline.CompleteAsync();

        Assert.Equal("could not be compiled within 00:10:00", (await swap).Refusal);
        Assert.Equal(["m"], pipeline.Models);
    }

    [Fact]
    public async Task RunAsync_NewOneHasMoreRequests_AllAreInFlight()
    {
        using var pipeline = new PipelineHarness();
        var slow = new FakeEngine();
        pipeline.Start(_engine, requests: 1);
        Task<SwapOutcome> swap = pipeline.Swap.RunAsync(() => pipeline.ModelOf(slow, requests: 4), CancellationToken.None);
        await pipeline.InferUntilAsync(() => slow.Requests.Count == 1);
        await pipeline.WriteFramesAsync(5);
        for (int i = 0; i < 6; i++)
        {
            await slow.Requests[0].WaitUntilStartedAsync();
            slow.Requests[0].Finish();
        }

        Assert.Null((await swap).Refusal);
        await pipeline.StartFramesAsync([.. slow.Requests[1..]]);
        Assert.Equal(5, slow.Requests.Count);
        foreach (FakeRequest request in slow.Requests[1..])
            request.Finish();
        await pipeline.CompleteAsync();

        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>The new model may be what cures it.</summary>
    [Fact]
    public async Task RunAsync_EngineIsAway_NewOneEndsTheOutage()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);
        await pipeline.InferUntilAsync(() => pipeline.Count == 1);
        _engine.Requests[0].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => _engine.IsDisposed);

        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.WriteFramesAsync(2);
        await pipeline.AdvanceUntilAsync(() => swap.IsCompleted);
        await WaitUntilAsync(() => pipeline.Count == 3);
        await pipeline.CompleteAsync();

        Assert.Null((await swap).Refusal);
        Assert.Equal([1L, 3L, 4L], pipeline.Inferred);
        Assert.Equal("Inference stopped: device lost; the engine is rebuilt", pipeline.Announcements.First());
        Assert.Contains("Model changed: new (ONNX)", pipeline.Announcements);
        Assert.StartsWith("Inference goes on after ", pipeline.Announcements.Last(), StringComparison.Ordinal);
    }

    /// <summary>A compilation that does not end does not hold up one that has.</summary>
    [Fact]
    public async Task RunAsync_RebuildDoesNotEnd_NewOneEndsTheOutage()
    {
        using var pipeline = new PipelineHarness();
        var hanging = new Compilation();
        pipeline.NextEngines.Enqueue(hanging.Run);
        pipeline.Start(_engine);
        await pipeline.InferUntilAsync(() => pipeline.Count == 1);
        _engine.Requests[0].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => hanging.HasStarted);

        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.AdvanceUntilAsync(() => swap.IsCompleted);
        await pipeline.InferUntilAsync(() => pipeline.Count == 2);
        var late = new FakeEngine();
        hanging.Finish(late);
        await WaitUntilAsync(() => late.IsDisposed);
        await pipeline.CompleteAsync();

        Assert.Equal(["m", "new"], pipeline.Models);
    }

    [Fact]
    public async Task Dispose_ModelIsBeingCompiled_EndsAndDisposesWhatComesLate()
    {
        using var pipeline = new PipelineHarness();
        var compiling = new Compilation();
        pipeline.Start(_engine);
        Task<SwapOutcome> swap = pipeline.Swap.RunAsync(() => pipeline.ModelOf((FakeEngine)compiling.Run()), CancellationToken.None);
        await WaitUntilAsync(() => compiling.HasStarted);

        await pipeline.CompleteAsync();
        await pipeline.Swap.DisposeAsync();
        compiling.Finish(_new);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => swap);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipeline.SwapAsync(new FakeEngine()));
        await WaitUntilAsync(() => _new.IsDisposed);
        Assert.Empty(pipeline.Announcements);
    }

    [Fact]
    public async Task RunAsync_StreamHasEnded_IsCancelledAndReleasesTheNewOne()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine);
        await pipeline.CompleteAsync();

        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.AdvanceUntilAsync(() => swap.IsCompleted);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => swap);
        Assert.True(_new.IsDisposed);
    }

    [Fact]
    public async Task Run_NewEngineFailsAtFirst_OldOneComesBackWithoutBeingCompiled()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine, requests: 2);
        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.InferUntilAsync(() => swap.IsCompleted);
        await pipeline.InferUntilAsync(() => pipeline.Models.Last() == "new");

        _new.Requests[1].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Recovery.Rebuilds == 1);
        await pipeline.InferUntilAsync(() => pipeline.Models.Last() == "m");
        Assert.False(_engine.IsDisposed);
        await pipeline.CompleteAsync();

        Assert.True(_engine.IsDisposed);
        Assert.Equal(1, pipeline.Pipeline.Failed);
        Assert.Equal(
            ["Model changed: new (ONNX)", "Inference stopped: device lost; the engine is rebuilt", "Model new failed in its first inferences: device lost; m is used again", "Inference goes on after 0 s"],
            pipeline.Announcements);
        Assert.True(_new.IsDisposed);
        pipeline.AssertFramesAccountedFor();
    }

    /// <summary>As when the device was lost, which the old engine was on, too.</summary>
    [Fact]
    public async Task Run_OldEngineFailsAsWell_OldModelIsCompiled()
    {
        using var pipeline = new PipelineHarness();
        var again = new FakeEngine { FinishesAtOnce = true };
        pipeline.NextEngines.Enqueue(() => again);
        pipeline.Start(_engine);
        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.InferUntilAsync(() => swap.IsCompleted);
        await pipeline.InferUntilAsync(() => pipeline.Models.Last() == "new");
        int requests = _engine.Requests.Count;

        _new.Requests[1].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => _engine.Requests.Count > requests);
        _engine.Requests[requests].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => pipeline.Recovery.Rebuilds == 2);
        await pipeline.InferUntilAsync(() => pipeline.Models.Last() == "m");
        await pipeline.CompleteAsync();

        Assert.True(_engine.IsDisposed);
        Assert.True(again.IsDisposed);
        pipeline.AssertFramesAccountedFor();
    }

    [Fact]
    public async Task Run_SwappedAgainBeforeItIsWarm_ComesBackToTheOneBefore()
    {
        using var pipeline = new PipelineHarness();
        var third = new FakeEngine { FinishesAtOnce = true };
        pipeline.Start(_engine);
        Task<SwapOutcome> first = pipeline.SwapAsync(_new);
        await pipeline.InferUntilAsync(() => first.IsCompleted);
        Task<SwapOutcome> second = pipeline.Swap.RunAsync(() => pipeline.ModelOf(third, name: "third"), CancellationToken.None);
        await pipeline.InferUntilAsync(() => second.IsCompleted);
        await pipeline.InferUntilAsync(() => pipeline.Models.Last() == "third");
        Assert.True(_engine.IsDisposed);
        Assert.False(_new.IsDisposed);

        third.Requests[1].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Recovery.Rebuilds == 1);
        await pipeline.InferUntilAsync(() => pipeline.Models.Last() == "new");
        await pipeline.CompleteAsync();

        Assert.Equal(["m", "new", "third", "new"], pipeline.Models.Where((model, i) => i == 0 || model != pipeline.Models.ElementAt(i - 1)));
        Assert.True(_new.IsDisposed);
    }

    /// <summary>Whoever watches the files can then give the stream what is there.</summary>
    [Fact]
    public async Task Run_ModelCannotBeCompiledAgain_LacksItUntilThereIsAnEngine()
    {
        using var pipeline = new PipelineHarness();
        pipeline.NextEngines.Enqueue(static () => throw new ModelException("m.xml: no device"));
        pipeline.NextEngines.Enqueue(static () => throw new ModelException("m.xml: is not the file any more") { AreFilesReplaced = true });
        pipeline.Start(_engine);
        await pipeline.InferUntilAsync(() => pipeline.Count == 1);
        _engine.Requests[0].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();

        await pipeline.AdvanceUntilAsync(() => pipeline.NextEngines.Count == 1);
        Assert.False(pipeline.Recovery.LacksModel);
        await pipeline.AdvanceUntilAsync(() => pipeline.Recovery.LacksModel);
        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.AdvanceUntilAsync(() => swap.IsCompleted);
        await pipeline.InferUntilAsync(() => pipeline.Count == 2);
        await pipeline.CompleteAsync();

        Assert.False(pipeline.Recovery.LacksModel);
        Assert.Equal(["m", "new"], pipeline.Models);
    }

    [Fact]
    public async Task Run_NewEngineFailsOnceItIsWarm_IsRebuiltAsItIs()
    {
        using var pipeline = new PipelineHarness();
        var again = new FakeEngine { FinishesAtOnce = true };
        pipeline.NextEngines.Enqueue(() => again);
        pipeline.Start(_engine);
        Task<SwapOutcome> swap = pipeline.SwapAsync(_new);
        await pipeline.InferUntilAsync(() => swap.IsCompleted);
        int before = pipeline.Count;
        await pipeline.InferUntilAsync(() => pipeline.Count == before + InferenceSession.WarmUp + 2);
        await WaitUntilAsync(() => _engine.IsDisposed);

        _new.Requests[1].FailNext(new InferenceException("device lost"));
        await pipeline.WriteFrameAsync();
        await pipeline.AdvanceUntilAsync(() => pipeline.Recovery.Rebuilds == 1);
        await pipeline.InferUntilAsync(() => pipeline.Count == before + InferenceSession.WarmUp + 3);
        await pipeline.CompleteAsync();

        Assert.Equal("new", pipeline.Models.Last());
        Assert.True(again.IsDisposed);
    }

    private async Task AssertRefusedAsync(FakeEngine candidate, string refusal, IInferenceFunction? function = null)
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(_engine, requests: 2);

        Task<SwapOutcome> swap = pipeline.SwapAsync(candidate, function);
        await pipeline.InferUntilAsync(() => swap.IsCompleted);
        await pipeline.InferUntilAsync(() => pipeline.Count > 20);
        await pipeline.CompleteAsync();

        Assert.Equal(refusal, (await swap).Refusal);
        Assert.Equal(Enumerable.Range(1, pipeline.Count).Select(static frame => (long)frame), pipeline.Inferred);
        Assert.Equal(["m"], pipeline.Models.Distinct());
        Assert.Equal($"Model refused: {refusal}; m stays in use", Assert.Single(pipeline.Announcements));
        Assert.Equal($"s: the new model is refused: {refusal}; m stays in use", Assert.Single(pipeline.Lines("Warning")));
        Assert.True(candidate.IsDisposed);
        Assert.Equal(0, pipeline.Recovery.Swaps);
    }

    private sealed class OtherFunction : IInferenceFunction
    {
        public string Name => "another thing";

        public InferenceResult CreateResult() => new FirstValueResult();

        public void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result) => throw new NotSupportedException();
    }

    private sealed class FailingFunction : IInferenceFunction
    {
        public string Name => "first value";

        public InferenceResult CreateResult() => new FirstValueResult();

        public void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result) => throw new InvalidOperationException("no such output");
    }
}
