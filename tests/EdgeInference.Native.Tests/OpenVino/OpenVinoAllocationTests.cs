using EdgeInference.Inference;

namespace EdgeInference.Native.Tests.OpenVino;

/// <summary>Counts the allocations of the whole process, so nothing else may run.</summary>
[CollectionDefinition(nameof(OpenVinoAllocationTests), DisableParallelization = true)]
[Collection(nameof(OpenVinoAllocationTests))]
public sealed class OpenVinoAllocationTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(-1)]
    public async Task InferAsync_SteadyState_AllocatesNothing(long dimension)
    {
        OpenVinoTestBed bed = new();
        InferenceModel model = OpenVinoTestModels.Onnx([OpenVinoTestModels.Image(dimension)], [OpenVinoTestModels.Scores(dimension)]);
        using (IInferenceEngine engine = bed.Load(model))
        using (IInferenceRequest request = engine.CreateRequest())
        {
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

        bed.AssertClean();
    }
}
