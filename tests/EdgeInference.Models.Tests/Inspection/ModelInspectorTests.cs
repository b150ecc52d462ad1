using EdgeInference.Inference;
using EdgeInference.Models.Inspection;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Tests.Ir;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Models.Tests.Inspection;

public sealed class ModelInspectorTests : IDisposable
{
    private static readonly ModelInspector Inspector = new(new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance));

    private readonly TinyModel _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Inspect_TinyModel_CountsItsArithmeticAndMemory()
    {
        ModelInspection inspection = Inspect(_files.Xml);

        // A 1x1 convolution of 2 channels to 3 over 4x4: the input and its result are held at once, ReLU works in place.
        Assert.Null(inspection.Refusal);
        Assert.Equal(new GraphCost(MultiplyAdds: 2 * 3 * 16, Parameters: 9, PeakActivationBytes: (2 + 3) * 16 * 4, IsComplete: true), inspection.Cost);
        Assert.Equal((36L, 36L), (inspection.StoredWeightBytes, inspection.RunWeightBytes!.Value));
        Assert.Equal("data Float32[1,2,4,4]", Assert.Single(inspection.Inputs).ToString());
        Assert.Equal("out Float32[1,3,4,4]", Assert.Single(inspection.Outputs).ToString());
        Assert.Equal(1, inspection.Kernels!.FloatConvolutions);
        Assert.Contains(new LayerCount("Const", "opset1", 2), inspection.Layers);
        Assert.Equal(7, inspection.Layers.Sum(static layer => layer.Count));
    }

    [Theory]
    [InlineData("parts-detector")]
    [InlineData("parts-classifier")]
    public void Inspect_ConvertedModel_CostsWhatTheIrCosts(string name)
    {
        string xml = TestData.InRepository($"models/{name}/{name}.xml");
        string onnx = Path.ChangeExtension(_files.Xml, ".onnx");
        File.WriteAllBytes(onnx, ModelFile.Convert(xml).Onnx.ToArray());

        GraphCost fromIr = Inspect(xml).Cost!;
        GraphCost fromOnnx = Inspect(onnx).Cost!;

        Assert.Equal(fromIr.MultiplyAdds, fromOnnx.MultiplyAdds);
        Assert.True(fromIr.IsComplete && fromOnnx.IsComplete);
        Assert.InRange(fromOnnx.Parameters, fromIr.Parameters * 0.99, fromIr.Parameters * 1.01);
    }

    /// <summary>Against the figures that Open Model Zoo's documentation gives, which counts some layers that are not counted here.</summary>
    [DataTheory]
    [InlineData("squeezenet1.1/v10-FP16", 0.785, 1.236)]
    [InlineData("vehicle-detection-adas-0002/v3-FP16", 2.798, 1.079)]
    [InlineData("vehicle-detection-adas-0002/v11-FP16", 2.798, 1.079)]
    [InlineData("face-detection-retail-0004/v4-FP32", 1.067, 0.588)]
    [InlineData("person-detection-retail-0013/v3-FP16", 2.300, 0.723)]
    [InlineData("vehicle-attributes-recognition-barrier-0039/v10-FP16", 0.126, 0.626)]
    [InlineData("person-vehicle-bike-detection-crossroad-0078/v11-FP16", 3.964, 1.178)]
    public void Inspect_RealModel_AgreesWithThePublishedFigures(string folder, double gigaFlops, double millionParameters)
    {
        string xml = Directory.GetFiles(TestData.Path($"models/{folder}"), "*.xml").Single();

        GraphCost cost = Inspect(xml).Cost!;

        Assert.InRange(2 * cost.MultiplyAdds / 1e9, gigaFlops * 0.94, gigaFlops * 1.01);
        Assert.InRange(cost.Parameters / 1e6, millionParameters * 0.95, millionParameters * 1.05);
    }

    [Fact]
    public void Inspect_LayersOfUnknownTypes_NamesEachAndStillDescribesTheFile()
    {
        File.WriteAllText(_files.Xml, TinyModel.Text.Replace("type=\"ReLU\"", "type=\"Telescope\"", StringComparison.Ordinal).Replace("type=\"Add\"", "type=\"Telescope\"", StringComparison.Ordinal));

        ModelInspection inspection = Inspect(_files.Xml);

        UnsupportedType unsupported = Assert.Single(inspection.Unsupported);
        Assert.Equal("Telescope", unsupported.Type);
        Assert.Equal(["sum", "relu"], unsupported.Layers);
        Assert.Contains("Telescope", inspection.Refusal, StringComparison.Ordinal);
        Assert.Equal("data Float32[1,2,4,4]", Assert.Single(inspection.Inputs).ToString());
        Assert.Equal("out Float32[1,3,4,4]", Assert.Single(inspection.Outputs).ToString());
        Assert.Null(inspection.Cost);
    }

    [Fact]
    public void Inspect_LayerThatIsWrong_SaysWhy()
    {
        File.WriteAllText(_files.Xml, TinyModel.Text.Replace("strides=\"1,1\"", "strides=\"1,x\"", StringComparison.Ordinal));

        ModelInspection inspection = Inspect(_files.Xml);

        Assert.StartsWith("layer 'conv' (Convolution): ", inspection.Refusal, StringComparison.Ordinal);
        Assert.Empty(inspection.Unsupported);
    }

    [Fact]
    public void Inspect_OperatorThatTheEngineDoesNotHave_SaysWhy()
    {
        ModelProto model = ModelProto.Parser.ParseFrom(ModelFile.Convert(_files.Xml).Onnx.Span);
        model.Graph.Node[^1].OpType = "Telescope";
        string onnx = Path.ChangeExtension(_files.Xml, ".onnx");
        File.WriteAllBytes(onnx, Google.Protobuf.MessageExtensions.ToByteArray(model));

        ModelInspection inspection = Inspect(onnx);

        Assert.Contains("Telescope", inspection.Refusal, StringComparison.Ordinal);
        Assert.Contains(new LayerCount("Telescope", "opset17", 1), inspection.Layers);
    }

    [Fact]
    public void Inspect_OpenSizes_AreThoseGiven()
    {
        File.WriteAllText(_files.Xml, TinyModel.Text.Replace("shape=\"1,2,4,4\"", "shape=\"1,2,?,?\"", StringComparison.Ordinal).Replace("<dim>4</dim>", "<dim>-1</dim>", StringComparison.Ordinal));

        Assert.False(Inspect(_files.Xml).Cost!.IsComplete);
        ModelInspection given = Inspector.Inspect(_files.Xml, new ModelFileOptions { InputShapes = new Dictionary<string, long[]>(StringComparer.Ordinal) { [""] = [1, 2, 8, 8] } });
        Assert.Equal(2 * 3 * 64, given.Cost!.MultiplyAdds);
    }

    [Fact]
    public void Inspect_FileIsMissing_Throws() =>
        Assert.Throws<ModelException>(() => Inspect("/nowhere/model.xml"));

    private static ModelInspection Inspect(string path) => Inspector.Inspect(path, new ModelFileOptions());
}
