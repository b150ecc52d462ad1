using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Native.Tests.OnnxRuntime;

public sealed class OnnxRuntimeEngineTests
{
    private static readonly OnnxRuntimeEngineFactory s_factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

    [Fact]
    public async Task InferAsync_StaticShapes_ComputesTheGraph()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(1, 4), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        ((float[])[-3, -0.5f, 0, 2]).CopyTo(request.Inputs[0].Elements<float>());

        await request.InferAsync(CancellationToken.None);

        Assert.Equal([0, 0, 1, 5], request.Outputs[0].Elements<float>().ToArray());
    }
}
