using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>The engine without anything around it: each request runs again as soon as it is done, on the same input.</summary>
internal sealed class BareEngine(BenchedEngine engine, InferenceModel model, Tensor input)
{
    // In the middle of the scenes of all videos, so that detection has boxes to sort.
    private const int InputFrame = 100;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    /// <summary>With a picture of the video as input.</summary>
    public static async Task<BareEngine> CreateAsync(BenchedEngine engine, InferenceModel model, string video)
    {
        var input = new Tensor(model.Inputs[0].ElementType);
        var options = new SourceOptions { Input = video, Loop = true };
        await using IVideoSource source = new VideoSourceFactory(TimeProvider.System, NullLoggerFactory.Instance).Open(options, new FramePool());
        for (int i = 1; i < InputFrame; i++)
            (await source.ReadAsync(CancellationToken.None))!.Dispose();
        using Frame frame = (await source.ReadAsync(CancellationToken.None))!;
        new Preprocessor(new PreprocessingOptions(), model.Inputs[0]).Run(frame, input);
        return new BareEngine(engine, model, input);
    }

    /// <summary>On ONNX Runtime, with random levels from 0 to 255 as input.</summary>
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

        return new BareEngine(BenchedEngine.OnnxRuntime, model, input);
    }

    public Task<Sample> MeasureAsync(EngineLoad load, TimeSpan duration) => engine.MeasureAsync(model, input, load, WarmUp, duration);
}
