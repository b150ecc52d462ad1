using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Preprocessing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>The engine without anything around it: each request runs again as soon as it is done, on the same input.</summary>
internal sealed class BareEngine(InferenceModel model, Tensor input)
{
    // In the middle of the scenes of all videos, so that detection has boxes to sort.
    private const int InputFrame = 100;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    /// <summary>With a picture of the video as input.</summary>
    public static async Task<BareEngine> CreateAsync(InferenceModel model, string video)
    {
        var input = new Tensor(model.Inputs[0].ElementType);
        var options = new SourceOptions { Input = video, Loop = true };
        await using IVideoSource source = new VideoSourceFactory(TimeProvider.System, NullLoggerFactory.Instance).Open(options, new FramePool());
        for (int i = 1; i < InputFrame; i++)
            (await source.ReadAsync(CancellationToken.None))!.Dispose();
        using Frame frame = (await source.ReadAsync(CancellationToken.None))!;
        new Preprocessor(new PreprocessingOptions(), model.Inputs[0]).Run(frame, input);
        return new BareEngine(model, input);
    }

    /// <summary>With random levels from 0 to 255 as input.</summary>
    public static BareEngine WithNoise(InferenceModel model)
    {
        TensorInfo info = model.Inputs[0];
        var input = new Tensor(info.ElementType, [.. info.Shape]);
        var random = new Random(1);
        if (info.ElementType == TensorElementType.Float32)
        {
            foreach (ref float value in input.Elements<float>())
                value = random.Next(256);
        }
        else
        {
            random.NextBytes(input.Bytes);
        }

        return new BareEngine(model, input);
    }

    public async Task<Sample> MeasureAsync(EngineLoad load, TimeSpan duration)
    {
        using IInferenceEngine engine = new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance)
            .Load(model, new EngineOptions { ThreadsPerRequest = load.Threads });
        ModelRequest[] requests = [.. Enumerable.Range(0, load.Requests).Select(_ => new ModelRequest(model, engine))];
        foreach (ModelRequest request in requests)
        {
            request.Inputs[0].Resize(input.Shape);
            input.Bytes.CopyTo(request.Inputs[0].Bytes);
        }

        await RunAsync(requests, WarmUp);
        var meter = new Meter();
        int frames = await RunAsync(requests, duration);
        Sample sample = meter.Read(frames);
        foreach (ModelRequest request in requests)
            request.Dispose();
        return sample;
    }

    /// <returns>The number of inferences.</returns>
    private static async Task<int> RunAsync(ModelRequest[] requests, TimeSpan duration)
    {
        using var deadline = new CancellationTokenSource(duration);
        int[] frames = await Task.WhenAll(requests.Select(request => RepeatAsync(request, deadline)));
        return frames.Sum();
    }

    private static async Task<int> RepeatAsync(ModelRequest request, CancellationTokenSource deadline)
    {
        int frames = 0;
        for (; !deadline.IsCancellationRequested; frames++)
        {
            await request.InferAsync(CancellationToken.None);
            request.Complete();
        }

        return frames;
    }
}

/// <summary>How an engine is used.</summary>
/// <param name="Threads">Threads of one request.</param>
/// <param name="Requests">Requests in flight.</param>
internal sealed record EngineLoad(int Threads, int Requests);
