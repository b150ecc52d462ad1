using System.Text.Json;
using EdgeInference.Inference;
using EdgeInference.Integration.Tests.Goldens;
using EdgeInference.Models.Npy;
using EdgeInference.TestSupport;
using Xunit.Abstractions;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>Public models on frames of real videos, against the tensors that the original engines gave.</summary>
public sealed class RealModelTests(ITestOutputHelper output)
{
    public static TheoryData<string, ModelEngine> FloatModels => GoldenEngines.With(
        "vehicle-detection-adas-0002/v3-FP16",
        "vehicle-detection-adas-0002/v11-FP16",
        "squeezenet1.1/v10-FP16",
        "face-detection-retail-0004/v3-FP16",
        "face-detection-retail-0004/v4-FP32",
        "person-detection-retail-0013/v3-FP16",
        "vehicle-attributes-recognition-barrier-0039/v10-FP16",
        "person-vehicle-bike-detection-crossroad-0078/v11-FP16");

    public static TheoryData<string, ModelEngine> QuantizedModels => GoldenEngines.With("vehicle-license-plate-detection-barrier-0106/v10-INT8");

    [DataTheory]
    [MemberData(nameof(FloatModels))]
    public Task Read_RealModel_GivesTheEnginesTensors(string folder, ModelEngine engine) =>
        CompareAsync(folder, new ModelFileOptions { Engine = engine }, engine, DetectionRows.Float);

    /// <summary>What OpenVINO is given of older models, also where it is not.</summary>
    [DataTheory]
    [InlineData("vehicle-detection-adas-0002/v3-FP16")]
    [InlineData("face-detection-retail-0004/v3-FP16")]
    [InlineData("face-detection-retail-0004/v4-FP32")]
    [InlineData("person-detection-retail-0013/v3-FP16")]
    public Task Read_OldModelForOpenVino_GivesTheEnginesTensors(string folder) =>
        CompareAsync(folder, new ModelFileOptions { Engine = ModelEngine.OpenVino }, ModelEngine.OnnxRuntime, DetectionRows.Float);

    [DataTheory]
    [MemberData(nameof(QuantizedModels))]
    public Task Read_QuantizedModel_GivesTheEnginesDetections(string folder, ModelEngine engine) =>
        CompareAsync(folder, new ModelFileOptions { Engine = engine }, engine, DetectionRows.Quantized);

    [DataTheory]
    [InlineData("vehicle-license-plate-detection-barrier-0106/v10-INT8")]
    public Task Read_QuantizedModelInFloat_GivesTheEnginesDetections(string folder) =>
        CompareAsync(folder, new ModelFileOptions { IntegerKernels = IntegerKernels.Never }, ModelEngine.OnnxRuntime, DetectionRows.Quantized);

    private async Task CompareAsync(string folder, ModelFileOptions options, ModelEngine engine, DetectionRows rows)
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
            using IInferenceEngine compiled = ModelRunner.Load(model, engine);
            IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, compiled, [input]);
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
