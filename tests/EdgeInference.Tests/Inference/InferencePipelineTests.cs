using System.Threading.Channels;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using EdgeInference.Preprocessing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Tests.Inference;

public sealed class InferencePipelineTests
{
    private readonly FakeEngine _engine = new();
    private readonly FramePool _pool = new();
    private readonly List<(long Frame, float Value)> _results = [];

    [Fact]
    public async Task RunAsync_RequestsEndOutOfOrder_ResultsLeaveInFrameOrder()
    {
        var frames = new FrameQueue(isLive: false);
        Task running = Create(requests: 3).RunAsync(frames, Record, CancellationToken.None, CancellationToken.None);
        for (int i = 1; i <= 3; i++)
            await frames.WriteAsync(Frame(i));
        foreach (FakeRequest request in _engine.Requests)
            await request.WaitUntilStartedAsync();

        _engine.Requests[2].Finish();
        _engine.Requests[0].Finish();
        _engine.Requests[1].Finish();
        frames.Complete();
        await running;

        Assert.Equal([1L, 2L, 3L], _results.Select(static result => result.Frame));
        Assert.Equal([10f, 20f, 30f], _results.Select(static result => result.Value), static (a, b) => Math.Abs(a - b) < 0.5f);
    }

    [Fact]
    public async Task RunAsync_QueueIsCompleted_WhatIsInItIsStillInferred()
    {
        var frames = new FrameQueue(isLive: false);
        await frames.WriteAsync(Frame(1));
        await frames.WriteAsync(Frame(2));
        frames.Complete();

        Task running = Create(requests: 1).RunAsync(frames, Record, CancellationToken.None, CancellationToken.None);
        for (int i = 0; i < 2; i++)
        {
            await _engine.Requests[0].WaitUntilStartedAsync();
            _engine.Requests[0].Finish();
        }

        await running;

        Assert.Equal([1L, 2L], _results.Select(static result => result.Frame));
        Assert.Equal(2, _pool.Created);
    }

    [Fact]
    public async Task RunAsync_EngineFails_FailsAndEndsTheCapture()
    {
        var frames = new FrameQueue(isLive: false);
        Task running = Create(requests: 1).RunAsync(frames, Record, CancellationToken.None, CancellationToken.None);
        await frames.WriteAsync(Frame(1));
        await _engine.Requests[0].WaitUntilStartedAsync();

        _engine.Requests[0].Fail(new InferenceException("device lost"));

        var exception = await Assert.ThrowsAsync<InferenceException>(() => running);
        Assert.Equal("device lost", exception.Message);
        await Assert.ThrowsAsync<ChannelClosedException>(() => frames.WriteAsync(Frame(2)).AsTask());
    }

    [Fact]
    public async Task RunAsync_TokenFires_AbandonsWhatIsInFlight()
    {
        using var abandon = new CancellationTokenSource();
        var frames = new FrameQueue(isLive: false);
        Task running = Create(requests: 1).RunAsync(frames, Record, CancellationToken.None, abandon.Token);
        await frames.WriteAsync(Frame(1));
        await _engine.Requests[0].WaitUntilStartedAsync();

        await abandon.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private ValueTask Record(Frame frame, InferenceResult result, ResultPool results, CancellationToken cancellationToken)
    {
        _results.Add((frame.Index, ((FirstValueResult)result).Value));
        frame.Dispose();
        results.Return(result);
        return ValueTask.CompletedTask;
    }

    private InferencePipeline Create(int requests)
    {
        var model = new InferenceModel
        {
            Name = "m",
            Path = "m.onnx",
            Format = "ONNX",
            Onnx = default,
            Inputs = _engine.Inputs,
            Outputs = _engine.Outputs,
        };
        var busyTime = new BusyTime(TimeProvider.System);
        var function = new FirstValueFunction();
        var stuck = new StuckEngines();
        var abandoned = new AbandonedCalls("s", stuck, NullLogger.Instance);
        var parts = new RequestParts(model, new Preprocessor(new PreprocessingOptions(), FakeEngine.Input), function, busyTime, abandoned);
        var recovery = new EngineRecovery(
            new EngineSource(InferenceSession.Open(_engine, requests, parts), static () => throw new InferenceException("no device"), abandoned, TimeProvider.System),
            new RequestWatchdog(TimeSpan.FromMinutes(1)),
            new MemoryBudget("s", 0, ProcessMemory.OfProcess, NullLogger.Instance),
            new EngineOutage("s", static _ => { }, TimeProvider.System, NullLogger.Instance),
            stuck,
            TimeProvider.System);
        return new InferencePipeline(recovery);
    }

    /// <summary>A grey frame of 2 x 2 pixels, ten levels for each index.</summary>
    private Frame Frame(int index)
    {
        Frame frame = _pool.Rent(2, 2);
        frame.Index = index;
        frame.Range = ColorRange.Full;
        frame.Y.Fill((byte)(index * 10));
        frame.U.Fill(128);
        frame.V.Fill(128);
        return frame;
    }
}
