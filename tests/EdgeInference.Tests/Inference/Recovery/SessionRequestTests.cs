using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using EdgeInference.Preprocessing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Inference.Recovery;

/// <summary>The race between an inference that ends and the one who gives it up.</summary>
public sealed class SessionRequestTests
{
    private const int Races = 500;

    private readonly FramePool _pool = new();
    private readonly FakeTimeProvider _time = new();
    private readonly StuckEngines _stuck = new();
    private readonly BusyTime _busyTime;
    private readonly RequestParts _parts;

    public SessionRequestTests()
    {
        _busyTime = new BusyTime(_time);
        var model = new InferenceModel { Name = "m", Path = "m.onnx", Format = "ONNX", Onnx = default, Inputs = [FakeEngine.Input], Outputs = [] };
        _parts = new RequestParts(
            model,
            new Preprocessor(new PreprocessingOptions(), FakeEngine.Input),
            new FirstValueFunction(),
            _busyTime,
            new AbandonedCalls("s", _stuck, NullLogger.Instance));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Abandon_AgainstTheEnd_OneOfThemHasTheSlot(bool fails)
    {
        int inferred = 0;
        for (int i = 0; i < Races; i++)
        {
            var engine = new FakeEngine { IgnoresCancellation = true };
            (InferenceSession session, SessionRequest request, InferenceSlot slot) = await StartAsync(engine);
            long running = request.Running!.Value;
            session.Retire(fault: null);
            var gate = new RaceGate(firstLeads: i % 2 == 0);
            Task end = Task.Run(() =>
            {
                gate.PassFirst();
                Thread.SpinWait(i % 7 * 40);
                if (fails)
                    engine.Requests[0].Fail(new InferenceException("device lost"));
                else
                    engine.Requests[0].Finish();
            });
            gate.PassSecond();
            Thread.SpinWait(i % 11 * 200);
            request.Abandon(running);

            bool isInferred = await slot.Done;
            await end;
            await session.Drained.WaitAsync(TimeSpan.FromSeconds(30));
            session.Dispose();
            await PipelineHarness.WaitUntilAsync(() => engine.IsDisposed && _parts.Abandoned.Count == 0);
            inferred += isInferred ? 1 : 0;
            Assert.False(fails && isInferred);
            Assert.True(request.IsAbandoned != isInferred || fails);
        }

        AssertNothingIsStuck();

        // Nothing is busy any more, whoever won.
        TimeSpan busy = _busyTime.Total;
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(busy, _busyTime.Total);
        Assert.True(fails || inferred > 0, "The end never came first.");
        Assert.True(inferred < Races, "The end always came first.");
    }

    /// <summary>The engine returns, and the request is released, before the one who gives it up has counted it.</summary>
    [Fact]
    public void Remove_BeforeItsAdd_LeavesNothing()
    {
        var session = InferenceSession.Open(new FakeEngine(), requests: 0, _parts);

        _parts.Abandoned.Remove(session);
        _parts.Abandoned.Add(session, "a test");

        Assert.Equal(0, _parts.Abandoned.Count);
        AssertNothingIsStuck();
    }

    [Fact]
    public void Dispose_OneRequestFails_ReleasesTheOthersAndTheEngine()
    {
        var engine = new FakeEngine();
        var session = InferenceSession.Open(engine, requests: 3, _parts);
        session.Retire(fault: null);
        engine.Requests[1].FailDispose(new InferenceException("device lost"));

        Assert.Equal("device lost", Assert.Throws<InferenceException>(session.Dispose).Message);

        Assert.All(engine.Requests, static request => Assert.True(request.IsDisposed));
        Assert.True(engine.IsDisposed);
    }

    [Fact]
    public async Task Abandon_InferenceHasEnded_DoesNothing()
    {
        var engine = new FakeEngine();
        (InferenceSession session, SessionRequest request, InferenceSlot slot) = await StartAsync(engine);
        long running = request.Running!.Value;
        engine.Requests[0].Finish();
        Assert.True(await slot.Done);

        request.Abandon(running);
        session.Retire(fault: null);
        await session.Drained;
        session.Dispose();

        Assert.True(engine.IsDisposed);
        Assert.Equal(0, _parts.Abandoned.Count);
        AssertNothingIsStuck();
    }

    /// <summary>The watchdog saw an older inference of the same request.</summary>
    [Fact]
    public async Task Abandon_AnotherInferenceRunsByNow_DoesNothing()
    {
        var engine = new FakeEngine();
        (InferenceSession session, SessionRequest request, InferenceSlot slot) = await StartAsync(engine);
        long running = request.Running!.Value;
        engine.Requests[0].Finish();
        Assert.True(await slot.Done);
        await BeginAsync(session, slot, engine);

        request.Abandon(running);
        engine.Requests[0].Finish();

        Assert.True(await slot.Done);
        Assert.False(request.IsAbandoned);
    }

    private void AssertNothingIsStuck()
    {
        var other = InferenceSession.Open(new FakeEngine(), requests: 0, _parts);
        Assert.Equal(1, _stuck.Add(other));
        Assert.Equal(0, _stuck.Remove(other));
    }

    private async Task<(InferenceSession Session, SessionRequest Request, InferenceSlot Slot)> StartAsync(FakeEngine engine)
    {
        var session = InferenceSession.Open(engine, requests: 1, _parts);
        var slot = new InferenceSlot();
        return (session, await BeginAsync(session, slot, engine), slot);
    }

    private async Task<SessionRequest> BeginAsync(InferenceSession session, InferenceSlot slot, FakeEngine engine)
    {
        Assert.True(await session.Idle.WaitToReadAsync());
        Assert.True(session.TryBegin(out SessionRequest? request));
        using Frame frame = _pool.Rent(2, 2);
        slot.Start(frame, _parts.Results);
        request.Start(slot);
        await engine.Requests[0].WaitUntilStartedAsync();
        return request;
    }

    /// <summary>Lets two threads go at once, the leader a little before the other: on any machine either may win.</summary>
    private sealed class RaceGate(bool firstLeads)
    {
        private bool _isFirstThere;
        private bool _isOpen;

        public void PassFirst()
        {
            Volatile.Write(ref _isFirstThere, true);
            Pass(firstLeads);
        }

        public void PassSecond()
        {
            SpinUntil(ref _isFirstThere);
            Pass(!firstLeads);
        }

        private void Pass(bool leads)
        {
            if (leads)
                Volatile.Write(ref _isOpen, true);
            else
                SpinUntil(ref _isOpen);
        }

        private static void SpinUntil(ref bool isSet)
        {
            var spin = default(SpinWait);
            while (!Volatile.Read(ref isSet))
                spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
