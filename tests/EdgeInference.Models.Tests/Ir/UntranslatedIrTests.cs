using EdgeInference.Inference;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Ir;

/// <summary>Models as they are read for OpenVINO.</summary>
public sealed class UntranslatedIrTests
{
    private static readonly ModelFileOptions s_openVino = new() { Engine = ModelEngine.OpenVino };
    private static readonly ModelFileOptions s_stream = s_openVino with { FloatInterface = true };

    [Fact]
    public void Read_NewIr_IsLeftToTheEngine()
    {
        using var files = new TinyModel();

        InferenceModel model = ModelFile.Read(files.Xml, s_stream);

        Assert.True(model.Onnx.IsEmpty);
        Assert.Equal("data Float32[1,2,4,4]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("out Float32[1,3,4,4]", Assert.Single(model.Outputs).ToString());
    }

    [Fact]
    public void Read_LayerThatWeDoNotHave_IsLeftToTheEngine()
    {
        using var files = new TinyModel(TinyModel.Text.Replace("\"ReLU\"", "\"FutureActivation\"", StringComparison.Ordinal));

        Assert.True(ModelFile.Read(files.Xml, s_stream).Onnx.IsEmpty);
        Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));
    }

    [Fact]
    public void Read_HalfPrecisionInput_IsTranslatedWhereFloatsAreAskedFor()
    {
        string half = TinyModel.Text
            .Replace("FP32", "FP16", StringComparison.Ordinal)
            .Replace("f32", "f16", StringComparison.Ordinal)
            .Replace("offset=\"24\" size=\"12\"", "offset=\"12\" size=\"6\"", StringComparison.Ordinal)
            .Replace("size=\"24\"", "size=\"12\"", StringComparison.Ordinal);
        using var files = new TinyModel(half, new byte[18]);

        InferenceModel floats = ModelFile.Read(files.Xml, s_stream);
        InferenceModel halves = ModelFile.Read(files.Xml, s_openVino);

        Assert.False(floats.Onnx.IsEmpty);
        Assert.Equal(TensorElementType.Float32, floats.Inputs[0].ElementType);
        Assert.True(halves.Onnx.IsEmpty);
        Assert.Equal(TensorElementType.Float16, halves.Inputs[0].ElementType);
    }

    [Fact]
    public void Read_GivenSizesOfOpenInput_IsTranslated()
    {
        string open = TinyModel.Text
            .Replace("shape=\"1,2,4,4\"", "shape=\"1,2,?,?\"", StringComparison.Ordinal)
            .Replace("<dim>4</dim><dim>4</dim>", "<dim>-1</dim><dim>-1</dim>", StringComparison.Ordinal);
        using var files = new TinyModel(open);

        InferenceModel left = ModelFile.Read(files.Xml, s_stream);
        InferenceModel given = ModelFile.Read(files.Xml, s_stream with { InputShapes = new Dictionary<string, long[]>(StringComparer.Ordinal) { [""] = [1, 2, 8, 8] } });

        Assert.True(left.Onnx.IsEmpty);
        Assert.Equal([1, 2, -1, -1], left.Inputs[0].Shape);
        Assert.False(given.Onnx.IsEmpty);
        Assert.Equal([1, 3, 8, 8], given.Outputs[0].Shape);
    }

    [Theory]
    [InlineData("<edge from-layer=\"5\" from-port=\"1\" to-layer=\"6\" to-port=\"0\" />", "", "no edge feeds layer 'result' (Result)")]
    [InlineData("type=\"Result\"", "type=\"ReLU\"", "the model has no outputs")]
    public void Read_NothingComesOut_IsRefused(string whole, string damaged, string reason)
    {
        using var files = new TinyModel(TinyModel.Text.Replace(whole, damaged, StringComparison.Ordinal));

        ModelException exception = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml, s_stream));

        Assert.StartsWith(files.Xml + ": ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [DataFact]
    public void Read_EveryModernCase_DescribesWhatTheEngineHas()
    {
        int compared = 0;
        foreach (OperationCase operation in OperationCase.ReadAll(TestData.Path("ops/modern")))
        {
            InferenceModel model = ModelFile.Read(operation.Xml, s_openVino);

            Assert.True(model.Onnx.IsEmpty, operation.Name);
            Assert.Equal(operation.Outputs.Select(static output => output.Name), model.Outputs.Select(static output => output.Name));
            compared++;
        }

        Assert.True(compared > 500, $"{compared} cases compared");
    }

    [DataTheory]
    [InlineData("vehicle-detection-adas-0002/v11-FP16/vehicle-detection-adas-0002.xml")]
    [InlineData("squeezenet1.1/v10-FP16/squeezenet1.1.xml")]
    [InlineData("vehicle-attributes-recognition-barrier-0039/v10-FP16/vehicle-attributes-recognition-barrier-0039.xml")]
    [InlineData("person-vehicle-bike-detection-crossroad-0078/v11-FP16/person-vehicle-bike-detection-crossroad-0078.xml")]
    [InlineData("vehicle-license-plate-detection-barrier-0106/v10-INT8/vehicle-license-plate-detection-barrier-0106.xml")]
    public void Read_RealModel_IsDescribedAsWhenTranslated(string path)
    {
        string xml = TestData.Path("models/" + path);

        InferenceModel left = ModelFile.Read(xml, s_stream);
        InferenceModel translated = ModelFile.Read(xml, s_stream with { Engine = ModelEngine.OnnxRuntime });

        Assert.True(left.Onnx.IsEmpty);
        Assert.Equal(translated.Format, left.Format);
        Assert.Equal(translated.Inputs.Select(static input => input.ToString()), left.Inputs.Select(static input => input.ToString()));
        Assert.Equal(translated.Outputs.Select(static output => (output.Name, output.ElementType)), left.Outputs.Select(static output => (output.Name, output.ElementType)));
        Assert.Equal(translated.DetectionOutputs, left.DetectionOutputs);
    }
}
