using EdgeInference.Inference.Recovery;
using static EdgeInference.Tests.Inference.Recovery.PipelineHarness;

namespace EdgeInference.Tests.Inference.Recovery;

public sealed class RequestWatchdogTests
{
    [Fact]
    public async Task Look_RequestKeepsReturning_IsNotTakenForStuck()
    {
        using var pipeline = new PipelineHarness();
        var engine = new FakeEngine();
        pipeline.Start(engine);
        InferenceSession session = pipeline.Recovery.Session!;
        await pipeline.StartFramesAsync(engine.Requests[0]);
        for (int i = 0; i < 20; i++)
        {
            pipeline.Watchdog.Look(session);
            pipeline.Watchdog.Look(session);
            Task next = pipeline.StartFramesAsync(engine.Requests[0]);
            engine.Requests[0].Finish();
            await next;
        }

        Assert.False(session.Retired.IsCompleted);
        engine.Requests[0].Finish();
        await pipeline.CompleteAsync();
        Assert.Equal(21, pipeline.Count);
    }

    [Fact]
    public async Task Look_NothingRuns_IsFine()
    {
        using var pipeline = new PipelineHarness();
        pipeline.Start(new FakeEngine { FinishesAtOnce = true });
        InferenceSession session = pipeline.Recovery.Session!;
        await pipeline.WriteFrameAsync();
        await WaitUntilAsync(() => pipeline.Count == 1);

        for (int i = 0; i < 20; i++)
            pipeline.Watchdog.Look(session);

        Assert.False(session.Retired.IsCompleted);
        await pipeline.CompleteAsync();
    }

    /// <summary>A machine that slept has made no looks meanwhile: looks are counted, whatever the clock says.</summary>
    [Fact]
    public async Task Look_ClockJumpsBetweenFewerLooksThanATimeoutHas_IsNoTimeout()
    {
        using var pipeline = new PipelineHarness();
        var engine = new FakeEngine();
        pipeline.Start(engine);
        InferenceSession session = pipeline.Recovery.Session!;
        await pipeline.StartFramesAsync(engine.Requests[0]);

        for (int i = 0; i < 4; i++)
        {
            pipeline.Watchdog.Look(session);

            // Without what timers do meanwhile.
            pipeline.Time.AdjustTime(pipeline.Time.GetUtcNow() + TimeSpan.FromHours(8));
        }

        Assert.False(session.Retired.IsCompleted);
        pipeline.Watchdog.Look(session);

        Assert.True(session.Retired.IsCompleted);
        Assert.Null(session.Fault?.Exception);
        await pipeline.CompleteAsync();
    }
}
