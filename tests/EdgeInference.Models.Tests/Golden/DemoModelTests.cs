using EdgeInference.Inference;
using EdgeInference.Models.Npy;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>The project's own models, against what the network gave where it was trained.</summary>
public sealed class DemoModelTests
{
    [Fact]
    public async Task Read_Detector_GivesTheTrainedNetworksDetections()
    {
        InferenceModel model = ModelFile.Read(TestData.InRepository("models/parts-detector/parts-detector.xml"));

        Assert.Equal([0], model.DetectionOutputs);
        Tensor input = NpyFile.Read(TestData.InRepository("models/golden/detector.input.npy"));
        Tensor expected = NpyFile.Read(TestData.InRepository("models/golden/detector.detection_out.npy"));
        DetectionRows.Float.AssertSame(expected, (await ModelRunner.RunAsync(model, [input]))[0]);
    }

    [Fact]
    public async Task Read_Classifier_GivesTheTrainedNetworksProbabilities()
    {
        InferenceModel model = ModelFile.Read(TestData.InRepository("models/parts-classifier/parts-classifier.xml"));

        Assert.Empty(model.DetectionOutputs);
        Tensor input = NpyFile.Read(TestData.InRepository("models/golden/classifier.input.npy"));
        Tensor expected = NpyFile.Read(TestData.InRepository("models/golden/classifier.prob.npy"));
        float[] actual = (await ModelRunner.RunAsync(model, [input]))[0].Elements<float>().ToArray();
        Assert.Equal(expected.Count, actual.Length);
        Assert.All(expected.Elements<float>().ToArray().Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }
}
