using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using EdgeInference.Native.Jpeg;
using EdgeInference.Preprocessing;
using EdgeInference.Reporting;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>A stream in this process, without reports: what it allocates, it allocates for each frame.</summary>
internal sealed class AllocationProbe(BenchedEngine benched, Workload workload, InferenceModel model)
{
    // What the runtime allocates now and then for itself falls into one of them; what a frame allocates, into all.
    private const int Spans = 9;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <returns>Managed bytes allocated per frame in each of several spans of time.</returns>
    public async Task<double[]> MeasureAsync(TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        await using var stream = new StreamWorker(CreatePlan(), TimeProvider.System, NullLogger<StreamWorker>.Instance);
        Task run = stream.RunAsync(stop.Token);
        await Task.Delay(WarmUp);
        double[] bytesPerFrame = new double[Spans];
        for (int i = 0; i < Spans; i++)
            bytesPerFrame[i] = Measure(stream, stop.Token.WaitHandle, duration / Spans);
        await stop.CancelAsync();
        await run;
        return bytesPerFrame;
    }

    /// <summary>Blocks its thread, since waiting asynchronously would itself allocate.</summary>
    private static double Measure(StreamWorker stream, WaitHandle stopped, TimeSpan duration)
    {
        long frames = stream.Statistics.Inferred;
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        stopped.WaitOne(duration);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return (double)bytes / (stream.Statistics.Inferred - frames);
    }

    private StreamPlan CreatePlan()
    {
        var source = new SourceOptions { Input = workload.Video, Loop = true };
        var sources = new VideoSourceFactory(TimeProvider.System, NullLoggerFactory.Instance);
        var pool = new FramePool();
        var preprocessor = new Preprocessor(new PreprocessingOptions(), model.Inputs[0]);
        IInferenceEngine Compile() => benched.Load(model, benched.ServiceOptions);
        IInferenceEngine engine = Compile();
        return new StreamPlan
        {
            Name = workload.Name,
            SourceName = workload.Video,
            OpenSource = () => sources.Open(source, pool),
            IsLive = false,
            Model = new StreamModel
            {
                Model = model,
                Engine = engine,
                RebuildEngine = Compile,
                Requests = engine.OptimalRequests,
                Preprocessor = preprocessor,
                Function = DetectionFunction.Supports(model)
                    ? new DetectionFunction(new DetectionOptions(), LabelMap.Empty, model, preprocessor.InputWidth ?? 1, preprocessor.InputHeight ?? 1)
                    : new ClassificationFunction(new ClassificationOptions(), LabelMap.Empty, model.Outputs),
            },
            Reporting = new ReportingOptions { ReportingInterval = TimeSpan.FromDays(1) },
            Topic = "",
            Publishers = [],
            Encoder = new TurboJpegEncoder(),
        };
    }
}
