using System.Collections.Concurrent;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using EdgeInference.Inference.Swapping;
using EdgeInference.Preprocessing;
using EdgeInference.Tests.Capture;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Inference.Recovery;

/// <summary>A pipeline on engines and a clock that the test moves.</summary>
internal sealed class PipelineHarness : IDisposable
{
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(8);
    public static readonly TimeSpan CompileTimeout = TimeSpan.FromMinutes(10);

    private readonly FramePool _pool = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly ConcurrentQueue<(long Frame, string Model)> _results = new();
    private Task _running = Task.CompletedTask;
    private int _index;

    public PipelineHarness(bool isLive = false) => Frames = new FrameQueue(isLive);

    public FakeTimeProvider Time { get; } = new();

    public TextLoggers Log { get; } = new();

    public ConcurrentQueue<string> Announcements { get; } = new();

    public StuckEngines Stuck { get; init; } = new();

    public ProcessMemory Memory { get; init; } = new(static () => 0);

    public long MemoryBudget { get; init; }

    public IInferenceFunction Function { get; init; } = new FirstValueFunction();

    public FrameQueue Frames { get; }

    /// <summary>What compiles the engines after the first, in turn.</summary>
    public ConcurrentQueue<Func<IInferenceEngine>> NextEngines { get; } = new();

    public BusyTime BusyTime { get; private set; } = null!;

    public AbandonedCalls Abandoned { get; private set; } = null!;

    public RequestWatchdog Watchdog { get; private set; } = null!;

    public EngineRecovery Recovery { get; private set; } = null!;

    public ModelSwap Swap { get; private set; } = null!;

    public InferencePipeline Pipeline { get; private set; } = null!;

    public bool IsRunning => !_running.IsCompleted;

    public IEnumerable<long> Inferred => _results.Select(static result => result.Frame);

    /// <summary>The models that the frames were inferred by, in their order.</summary>
    public IEnumerable<string> Models => _results.Select(static result => result.Model);

    public int Count => _results.Count;

    public void Start(IInferenceEngine engine, int requests = 1)
    {
        BusyTime = new BusyTime(Time);
        Abandoned = new AbandonedCalls("s", Stuck, Log);
        Watchdog = new RequestWatchdog(RequestTimeout);
        var model = new InferenceModel { Name = "m", Path = "m.onnx", Format = "ONNX", Onnx = default, Inputs = engine.Inputs, Outputs = engine.Outputs };
        var parts = new RequestParts(model, new Preprocessor(new PreprocessingOptions(), FakeEngine.Input), Function, BusyTime, Abandoned);
        var engines = new EngineSource(InferenceSession.Open(engine, requests, parts), () => InferenceSession.Open(Rebuild(), requests, parts), Abandoned, Time);
        Recovery = new EngineRecovery(
            engines,
            Watchdog,
            new MemoryBudget("s", MemoryBudget, Memory, Log),
            new EngineOutage("s", Announcements.Enqueue, Time, Log),
            Stuck,
            Time);
        Swap = new ModelSwap("s", new SwapOptions { RequestTimeout = RequestTimeout, CompileTimeout = CompileTimeout }, Frames, engines, Recovery, Announcements.Enqueue, Time, Log);
        Pipeline = new InferencePipeline(Recovery);
        _running = Pipeline.RunAsync(Frames, AcceptAsync, _stop.Token, _abandon.Token);
    }

    /// <summary>Gives the pipeline the next frame: grey, its level the frame's index.</summary>
    public async Task WriteFrameAsync()
    {
        Frame frame = _pool.Rent(2, 2);
        frame.Index = ++_index;
        frame.Range = ColorRange.Full;
        frame.Y.Fill((byte)frame.Index);
        frame.U.Fill(128);
        frame.V.Fill(128);
        await Frames.WriteAsync(frame);
    }

    /// <summary>Gives the pipeline another model.</summary>
    public Task<SwapOutcome> SwapAsync(FakeEngine engine, IInferenceFunction? function = null, CancellationToken cancellationToken = default) =>
        Swap.RunAsync(() => ModelOf(engine, function), cancellationToken);

    public StreamModel ModelOf(FakeEngine engine, IInferenceFunction? function = null, string name = "new", int requests = 1) => new()
    {
        Model = new InferenceModel { Name = name, Path = "new.onnx", Format = "ONNX", Onnx = default, Inputs = engine.Inputs, Outputs = engine.Outputs },
        Engine = engine,
        RebuildEngine = Rebuild,
        Requests = requests,
        Preprocessor = new Preprocessor(new PreprocessingOptions(), FakeEngine.Input),
        Function = function ?? Function,
    };

    /// <summary>Gives frames, one after another is inferred, until something is there.</summary>
    public async Task InferUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            int count = Count;
            await WriteFrameAsync();
            await WaitUntilAsync(() => Count > count);
        }
    }

    public async Task WriteFramesAsync(int count)
    {
        for (int i = 0; i < count; i++)
            await WriteFrameAsync();
    }

    /// <summary>Gives so many frames and waits until each is in a request of its own.</summary>
    public async Task StartFramesAsync(params FakeRequest[] requests)
    {
        await WriteFramesAsync(requests.Length);
        foreach (FakeRequest request in requests)
            await request.WaitUntilStartedAsync();
    }

    /// <summary>As if the timeout had passed.</summary>
    public void LookUntilTimeout()
    {
        InferenceSession session = Recovery.Session!;
        for (int i = 0; i < 5; i++)
        {
            Assert.False(session.Retired.IsCompleted);
            Watchdog.Look(session);
        }
    }

    /// <summary>Ends the source, and waits for the end of the pipeline.</summary>
    public Task CompleteAsync()
    {
        Frames.Complete();
        return EndAsync();
    }

    /// <summary>As a stop does it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        Frames.Complete();
    }

    /// <summary>The stop's deadline has passed.</summary>
    public Task AbandonAsync() => _abandon.CancelAsync();

    public Task EndAsync() => _running.WaitAsync(TimeSpan.FromSeconds(30));

    public static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, hang.Token);
    }

    /// <summary>Moves the clock on in steps until something has come of it.</summary>
    public Task AdvanceUntilAsync(Func<bool> condition, double seconds = 0.1) => WaitUntilAsync(() =>
    {
        if (condition())
            return true;
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return false;
    });

    public string[] Lines(string level) =>
        [.. Log.Text.Split('\n').Where(line => line.StartsWith(level + ": ", StringComparison.Ordinal)).Select(line => line[(level.Length + 2)..])];

    /// <summary>Each frame was inferred, failed or dropped; where the pipeline was abandoned, a result may be left unreported.</summary>
    public void AssertFramesAccountedFor() => Assert.Equal(_index, _results.Count + Pipeline.Failed + Frames.Dropped);

    public void Dispose()
    {
        _stop.Dispose();
        _abandon.Dispose();
        Log.Dispose();
    }

    private IInferenceEngine Rebuild() => NextEngines.TryDequeue(out Func<IInferenceEngine>? next) ? next() : throw new InferenceException("no device");

    private ValueTask AcceptAsync(Frame frame, InferenceResult result, ResultPool results, CancellationToken cancellationToken)
    {
        float value = ((FirstValueResult)result).Value;
        Assert.Equal((byte)frame.Index, value, 0.5);
        _results.Enqueue((frame.Index, results.Model));
        frame.Dispose();
        results.Return(result);
        return ValueTask.CompletedTask;
    }
}
