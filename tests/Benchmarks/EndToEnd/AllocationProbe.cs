using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using EdgeInference.Native.Jpeg;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Preprocessing;
using EdgeInference.Reporting;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>A stream in this process, without reports: what it allocates, it allocates for each frame.</summary>
internal sealed class AllocationProbe(Workload workload, InferenceModel model)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <returns>Managed bytes allocated in all, and the frames inferred meanwhile.</returns>
    public async Task<(long Bytes, long Frames)> MeasureAsync(TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        await using var stream = new StreamWorker(CreatePlan(), TimeProvider.System, NullLogger<StreamWorker>.Instance);
        Task run = stream.RunAsync(stop.Token);
        await Task.Delay(WarmUp);

        // This thread is blocked meanwhile, since waiting asynchronously would itself allocate.
        WaitHandle stopped = stop.Token.WaitHandle;
        long frames = stream.Statistics.Inferred;
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        stopped.WaitOne(duration);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        frames = stream.Statistics.Inferred - frames;
        await stop.CancelAsync();
        await run;
        return (bytes, frames);
    }

    private StreamPlan CreatePlan()
    {
        var source = new SourceOptions { Input = workload.Video, Loop = true };
        var sources = new VideoSourceFactory(TimeProvider.System, NullLoggerFactory.Instance);
        var pool = new FramePool();
        var preprocessor = new Preprocessor(new PreprocessingOptions(), model.Inputs[0]);
        return new StreamPlan
        {
            Name = workload.Name,
            SourceName = workload.Video,
            OpenSource = () => sources.Open(source, pool),
            IsLive = false,
            Model = model,
            Engine = new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance).Load(model, new EngineOptions()),
            Requests = Environment.ProcessorCount + 1,
            Preprocessor = preprocessor,
            Function = DetectionFunction.Supports(model)
                ? new DetectionFunction(new DetectionOptions(), LabelMap.Empty, model, preprocessor.InputWidth ?? 1, preprocessor.InputHeight ?? 1)
                : new ClassificationFunction(new ClassificationOptions(), LabelMap.Empty, model.Outputs),
            Reporting = new ReportingOptions { ReportingInterval = TimeSpan.FromDays(1) },
            Topic = "",
            Publishers = [],
            Encoder = new TurboJpegEncoder(),
        };
    }
}
