using EdgeInference.Inference;
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

    [Fact]
    public void Read_TextFile_IsRefused()
    {
        File.WriteAllText(OnnxPath, "This is not an ONNX model.");

        Assert.Throws<ModelException>(() => ModelFile.Read(OnnxPath));
    }
}
