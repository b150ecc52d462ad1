using EdgeInference.Inference;
using EdgeInference.Models.Npy;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>One network in two IR versions gives the same detections.</summary>
public sealed class SameNetworkTests
{
    // The files hold differently rounded FP16 weights: the original engines' own answers are as far apart.
    private static readonly DetectionRows Tolerance = new(2e-3f, 0, 4e-3f);

    [DataTheory]
    [InlineData("vehicle-detection-adas-0002", "v3-FP16", "v11-FP16", "00075")]
    [InlineData("vehicle-detection-adas-0002", "v3-FP16", "v11-FP16", "00225")]
    [InlineData("face-detection-retail-0004", "v3-FP16", "v4-FP32", "00300")]
    [InlineData("face-detection-retail-0004", "v3-FP16", "v4-FP32", "00850")]
    public async Task Read_TwoVersions_GiveTheSameDetections(string network, string older, string newer, string frame)
    {
        Tensor input = NpyFile.Read(TestData.Path($"golden/{network}.{older}.{frame}.input.npy"));

        Tensor first = Assert.Single(await ModelRunner.RunAsync(Read(network, older), [input]));
        Tensor second = Assert.Single(await ModelRunner.RunAsync(Read(network, newer), [input]));

        Tolerance.AssertSame(first, second);
    }

    private static InferenceModel Read(string network, string version) =>
        ModelFile.Read(TestData.Path($"models/{network}/{version}/{network}.xml"));
}
