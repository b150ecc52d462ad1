using System.Text.Json;
using EdgeInference.Inference;
using EdgeInference.Models.Npy;
using EdgeInference.TestSupport;
using Xunit.Abstractions;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>Public models on frames of real videos, against the tensors that the original engines gave.</summary>
public sealed class RealModelTests(ITestOutputHelper output)
{
    [DataTheory]
    [InlineData("vehicle-detection-adas-0002/v3-FP16")]
    [InlineData("vehicle-detection-adas-0002/v11-FP16")]
    [InlineData("squeezenet1.1/v10-FP16")]
    [InlineData("face-detection-retail-0004/v3-FP16")]
    [InlineData("face-detection-retail-0004/v4-FP32")]
    [InlineData("person-detection-retail-0013/v3-FP16")]
    [InlineData("vehicle-attributes-recognition-barrier-0039/v10-FP16")]
    [InlineData("person-vehicle-bike-detection-crossroad-0078/v11-FP16")]
    public Task Read_RealModel_GivesTheEnginesTensors(string folder) =>
        CompareAsync(folder, new ModelFileOptions(), DetectionRows.Float);

    /// <summary>What OpenVINO is given of older models; that it takes it cannot be shown here, where it is not.</summary>
    [DataTheory]
    [InlineData("vehicle-detection-adas-0002/v3-FP16")]
    [InlineData("face-detection-retail-0004/v3-FP16")]
    [InlineData("face-detection-retail-0004/v4-FP32")]
    [InlineData("person-detection-retail-0013/v3-FP16")]
    public Task Read_OldModelForOpenVino_GivesTheEnginesTensors(string folder) =>
        CompareAsync(folder, new ModelFileOptions { Engine = ModelEngine.OpenVino }, DetectionRows.Float);

    [DataTheory]
    [InlineData("vehicle-license-plate-detection-barrier-0106/v10-INT8", IntegerKernels.Never)]
    [InlineData("vehicle-license-plate-detection-barrier-0106/v10-INT8", IntegerKernels.Auto)]
    public Task Read_QuantizedModel_GivesTheEnginesDetections(string folder, IntegerKernels kernels) =>
        CompareAsync(folder, new ModelFileOptions { IntegerKernels = kernels }, DetectionRows.Quantized);

    private async Task CompareAsync(string folder, ModelFileOptions options, DetectionRows rows)
    {
        using JsonDocument goldens = JsonDocument.Parse(await File.ReadAllTextAsync(TestData.Path("golden/tensors.json")));
        int compared = 0;
        foreach (JsonElement golden in goldens.RootElement.EnumerateArray())
        {
            string xml = golden.GetProperty("model").GetString()!;
            if (!xml.StartsWith($"models/{folder}/", StringComparison.Ordinal))
                continue;
            InferenceModel model = ModelFile.Read(TestData.Path(xml), options);
            Tensor input = NpyFile.Read(TestData.Path($"golden/{golden.GetProperty("input").GetString()}"));
            IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [input]);
            foreach (JsonProperty expected in golden.GetProperty("outputs").EnumerateObject())
            {
                int index = Enumerable.Range(0, model.Outputs.Count).Single(i => string.Equals(model.Outputs[i].Name, expected.Name, StringComparison.Ordinal));
                Tensor right = NpyFile.Read(TestData.Path($"golden/{expected.Value.GetString()}"));
                if (model.DetectionOutputs.Contains(index))
                    rows.AssertSame(right, outputs[index]);
                else
                    AssertClose(right, outputs[index]);
                compared++;
            }
        }

        output.WriteLine($"{compared} outputs compared.");
        Assert.True(compared > 0, "Nothing was compared.");
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        float[] right = expected.Elements<float>().ToArray();
        float[] given = actual.Elements<float>().ToArray();
        for (int i = 0; i < right.Length; i++)
            Assert.True(Math.Abs(right[i] - given[i]) <= 1e-3 * Math.Max(Math.Abs(right[i]), 1e-3), $"[{i}] is {given[i]}, not {right[i]}");
    }
}
