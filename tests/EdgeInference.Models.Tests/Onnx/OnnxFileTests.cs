using EdgeInference.Inference;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.Models.Tests.Ir;

namespace EdgeInference.Models.Tests.Onnx;

public sealed class OnnxFileTests : IDisposable
{
    private readonly TinyModel _files = new();

    private string OnnxPath => Path.ChangeExtension(_files.Xml, ".onnx");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Read_WrittenModel_HasItsInputsAndOutputsAndBytes()
    {
        InferenceModel ir = ModelFile.Read(_files.Xml);
        File.WriteAllBytes(OnnxPath, ir.Onnx.ToArray());

        InferenceModel onnx = ModelFile.Read(OnnxPath);

        Assert.Equal("tiny", onnx.Name);
        Assert.Equal("ONNX, opset 17", onnx.Format);
        Assert.Equal(string.Join('\n', ir.Inputs), string.Join('\n', onnx.Inputs));
        Assert.Equal(string.Join('\n', ir.Outputs), string.Join('\n', onnx.Outputs));
        Assert.Equal(ir.Onnx.ToArray(), onnx.Onnx.ToArray());
        Assert.Null(onnx.OutputStage);
    }

    [Fact]
    public void Read_DynamicShapes_KeepsThemUnknown()
    {
        File.WriteAllText(_files.Xml, TinyModel.Text.Replace("<dim>1</dim>", "<dim>-1</dim>", StringComparison.Ordinal).Replace("<dim>-1</dim><dim>-1</dim>", "<dim>1</dim><dim>1</dim>", StringComparison.Ordinal));
        File.WriteAllBytes(OnnxPath, ModelFile.Read(_files.Xml).Onnx.ToArray());

        Assert.Equal("data Float32[?,2,4,4]", Assert.Single(ModelFile.Read(OnnxPath).Inputs).ToString());
    }

    [Fact]
    public async Task Read_ShapeForOpenSizes_IsTheInputsShape()
    {
        File.WriteAllText(_files.Xml, TinyModel.Text.Replace("shape=\"1,2,4,4\"", "shape=\"1,2,?,?\"", StringComparison.Ordinal).Replace("<dim>4</dim>", "<dim>-1</dim>", StringComparison.Ordinal));
        File.WriteAllBytes(OnnxPath, ModelFile.Convert(_files.Xml).Onnx.ToArray());
        Assert.Equal("data Float32[1,2,?,?]", Assert.Single(ModelFile.Read(OnnxPath).Inputs).ToString());

        InferenceModel model = ModelFile.Read(OnnxPath, Shape("data", 1, 2, 5, 6));

        Assert.Equal("data Float32[1,2,5,6]", Assert.Single(model.Inputs).ToString());
        Tensor output = Assert.Single(await ModelRunner.RunAsync(model, [new Tensor(TensorElementType.Float32, 1, 2, 5, 6)]));
        Assert.Equal([1, 3, 5, 6], output.Shape.ToArray());
        Assert.Contains("cannot be [1,3,5,6]", Assert.Throws<ModelException>(() => ModelFile.Read(OnnxPath, Shape("", 1, 3, 5, 6))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EmptyFile_IsRefused()
    {
        File.WriteAllBytes(OnnxPath, []);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(OnnxPath));

        Assert.Equal($"{OnnxPath}: not an ONNX model: it has no graph with outputs.", fault.Message);
    }

    [Fact]
    public void Read_TruncatedFile_IsRefused()
    {
        byte[] whole = ModelFile.Read(_files.Xml).Onnx.ToArray();
        File.WriteAllBytes(OnnxPath, whole[..(whole.Length / 2)]);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(OnnxPath));

        Assert.StartsWith($"{OnnxPath}: not an ONNX model, or cut off", fault.Message, StringComparison.Ordinal);
    }

    private static ModelFileOptions Shape(string name, params long[] shape) =>
        new() { InputShapes = new Dictionary<string, long[]>(StringComparer.Ordinal) { [name] = shape } };

    [Fact]
    public void Read_TextFile_IsRefused()
    {
        File.WriteAllText(OnnxPath, "This is not an ONNX model.");

        Assert.Throws<ModelException>(() => ModelFile.Read(OnnxPath));
    }
}
