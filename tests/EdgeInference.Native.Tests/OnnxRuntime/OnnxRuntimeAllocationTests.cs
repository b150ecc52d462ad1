using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Native.Tests.OnnxRuntime;

/// <summary>Counts the allocations of the whole process, so nothing else may run.</summary>
[CollectionDefinition(nameof(OnnxRuntimeAllocationTests), DisableParallelization = true)]
[Collection(nameof(OnnxRuntimeAllocationTests))]
public sealed class OnnxRuntimeAllocationTests
{
    private static readonly OnnxRuntimeEngineFactory s_factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

    [Theory]
    [InlineData(16)]
    [InlineData(-1)]
    public async Task InferAsync_SteadyState_AllocatesNothing(long dimension)
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(dimension), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        using CancellationTokenSource source = new();
        request.Inputs[0].Resize(16);

        // The test runner may allocate at any moment: what a run allocates shows in the best of many batches.
        long least = long.MaxValue;
        for (int batch = 0; batch < 200 && least > 0; batch++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 500; i++)
                await request.InferAsync(source.Token);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(0, least);
    }
}
