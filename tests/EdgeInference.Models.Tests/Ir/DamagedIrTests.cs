using EdgeInference.Inference;

namespace EdgeInference.Models.Tests.Ir;

/// <summary>Every fault is one message that names the file, the layer where there is one, and the reason.</summary>
public sealed class DamagedIrTests
{
    [Fact]
    public void Read_WholeModel_IsTranslated()
    {
        using var files = new TinyModel();

        InferenceModel model = ModelFile.Read(files.Xml);

        Assert.Equal("tiny", model.Name);
        Assert.Equal("IR v11, FP32", model.Format);
        Assert.Equal("data Float32[1,2,4,4]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("out Float32[1,3,4,4]", Assert.Single(model.Outputs).ToString());
        Assert.Null(model.OutputStage);
        Assert.Empty(model.DetectionOutputs);
    }

    [Theory]
    [InlineData("type=\"ReLU\"", "type=\"Mystery\"", "types that are not supported in IR v11: Mystery ('relu')")]
    [InlineData("from-layer=\"4\"", "from-layer=\"44\"", "an edge joins layers 44 and 5, which are not both there")]
    [InlineData("from-layer=\"4\" from-port=\"2\"", "from-layer=\"4\" from-port=\"7\"", "output 7 of layer 'sum' (Add), which has no such output")]
    [InlineData("to-layer=\"5\" to-port=\"0\"", "to-layer=\"5\" to-port=\"9\"", "input 9 of layer 'relu' (ReLU), which has no such input")]
    [InlineData("<edge from-layer=\"3\" from-port=\"0\" to-layer=\"4\" to-port=\"1\" />", "", "no edge feeds input 1 of layer 'sum' (Add)")]
    [InlineData("<edge from-layer=\"3\" from-port=\"0\" to-layer=\"4\" to-port=\"1\" />", "<edge from-layer=\"5\" from-port=\"1\" to-layer=\"4\" to-port=\"1\" />", "layer 'sum' (Add) is in a cycle or behind one")]
    [InlineData("from-layer=\"3\" from-port=\"0\" to-layer=\"4\" to-port=\"1\"", "from-layer=\"3\" from-port=\"0\" to-layer=\"4\" to-port=\"0\"", "two edges end at input 0 of layer 'sum' (Add)")]
    [InlineData("layer id=\"3\"", "layer id=\"1\"", "layers 'weights' and 'bias' (Const) have the same id 1")]
    [InlineData("<port id=\"2\" precision=\"FP32\"><dim>1</dim><dim>3</dim>", "<port id=\"2\" precision=\"FP32\"><dim>1</dim><dim>5</dim>", "layer 'conv' (Convolution): its output is [1,3,4,4], but the file says [1,5,4,4]")]
    [InlineData("<port id=\"1\" precision=\"FP32\" names=\"out\">", "<port id=\"1\" precision=\"I64\" names=\"out\">", "layer 'relu' (ReLU): its output is of Float32, but the file says I64")]
    [InlineData("shape=\"3,2,1,1\" offset", "shape=\"3,3,1,1\" offset", "layer 'weights' (Const): 24 bytes of weights do not fit the shape [3,3,1,1] of f32")]
    [InlineData("offset=\"24\"", "offset=\"28\"", "layer 'bias' (Const): its weights are bytes 28 to 40")]
    [InlineData("offset=\"24\"", "offset=\"-4\"", "layer 'bias' (Const): its weights are bytes -4 to 8")]
    [InlineData("offset=\"24\"", "offset=\"9223372036854775807\"", "which has only 36")]
    [InlineData("shape=\"1,3,1,1\" offset", "shape=\"1,3,4611686018427387904,4611686018427387904\" offset", "layer 'bias' (Const): its sizes are beyond any real model")]
    [InlineData("element_type=\"f32\" shape=\"1,3,1,1\"", "element_type=\"nf4\" shape=\"1,3,1,1\"", "layer 'bias' (Const): element type 'nf4' is not supported")]
    [InlineData("strides=\"1,1\"", "strides=\"0,1\"", "layer 'conv' (Convolution): kernel sizes, strides and dilations must be from 1 to 2^24")]
    [InlineData("strides=\"1,1\"", "strides=\"1,x\"", "layer 'conv' (Convolution): attribute 'strides' holds 'x', not a whole number")]
    [InlineData("<dim>2</dim><dim>4</dim><dim>4</dim></port></output>", "<dim>-5</dim><dim>4</dim><dim>4</dim></port></output>", "layer 'data' (Parameter): a port has a negative dimension")]
    [InlineData("<dim>2</dim><dim>4</dim><dim>4</dim></port></output>", "<dim>1099511627776</dim><dim>4</dim><dim>4</dim></port></output>", "layer 'data' (Parameter): shape [1,1099511627776,4,4] is larger than 2 GB")]
    [InlineData("layer id=\"5\"", "layer id=\"five\"", "layer 'relu' (ReLU): id is 'five', not a whole number")]
    [InlineData("version=\"11\"", "version=\"12\"", "IR version '12' is not one of")]
    [InlineData("<net ", "<html ", "not an OpenVINO IR: the root element is <html>")]
    [InlineData("<?xml version=\"1.0\"?>", "<!DOCTYPE net [<!ENTITY a \"aaaa\">]>", "not well-formed XML: For security reasons DTD is prohibited")]
    public void Read_OneFault_IsNamed(string text, string replacement, string expected)
    {
        Assert.Contains(text, TinyModel.Text, StringComparison.Ordinal);
        using var files = new TinyModel(ReplaceFirst(TinyModel.Text, text, replacement));

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.StartsWith(files.Xml, fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralUnknownTypes_NamesAll()
    {
        using var files = new TinyModel(TinyModel.Text
            .Replace("type=\"ReLU\"", "type=\"Mystery\"", StringComparison.Ordinal)
            .Replace("type=\"Add\"", "type=\"Riddle\"", StringComparison.Ordinal));

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.Contains("Riddle ('sum'), Mystery ('relu')", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TensorIterator", "<port_map><input external_port_id=\"0\" internal_layer_id=\"0\" axis=\"1\" /></port_map><body><layers><layer id=\"0\" name=\"inner\" type=\"Parameter\" version=\"opset1\" /></layers><edges /></body>")]
    [InlineData("If", "<then_port_map /><then_body><layers /></then_body><else_body><layers /></else_body>")]
    [InlineData("ReadValue", "<data variable_id=\"state\" />")]
    public void Read_LayerWithBodyOrState_IsRefusedByItsType(string type, string content)
    {
        using var files = new TinyModel(TinyModel.Text.Replace("type=\"ReLU\" version=\"opset1\">", $"type=\"{type}\" version=\"opset1\">{content}", StringComparison.Ordinal));

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.EndsWith($"layers of types that are not supported in IR v11: {type} ('relu').", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HtmlFile_SaysWhatItIsNot()
    {
        using var files = new TinyModel("<html><body>404</body></html>");

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.Equal($"{files.Xml}: not an OpenVINO IR: the root element is <html>, not <net>.", fault.Message);
    }

    [Theory]
    [InlineData("", "not well-formed XML")]
    [InlineData("This is no XML at all.", "not well-formed XML")]
    public void Read_NoXml_IsNamed(string content, string expected)
    {
        using var files = new TinyModel(content);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.StartsWith($"{files.Xml}: {expected}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TruncatedXml_IsNamed()
    {
        using var files = new TinyModel(TinyModel.Text[..(TinyModel.Text.Length / 2)]);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.StartsWith($"{files.Xml}: not well-formed XML", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingXml_IsNamed()
    {
        using var files = new TinyModel(xml: null);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.StartsWith($"{files.Xml}: cannot be read", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingBin_NamesItAndTheLayer()
    {
        using var files = new TinyModel();
        File.Delete(files.Bin);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.Equal($"{files.Xml}: layer 'weights' (Const): its weights are in '{files.Bin}', which does not exist.", fault.Message);
    }

    [Fact]
    public void Read_ShortBin_NamesTheLayer()
    {
        using var files = new TinyModel(weights: TinyModel.Weights[..30]);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.Equal($"{files.Xml}: layer 'bias' (Const): its weights are bytes 24 to 36 of '{files.Bin}', which has only 30.", fault.Message);
    }

    [Theory]
    [InlineData("model.txt")]
    [InlineData("")]
    [InlineData("nul\0inside.xml")]
    public void Read_PathOfNoModel_IsRefused(string path) =>
        Assert.Throws<ModelException>(() => ModelFile.Read(path));

    [Fact]
    public void Read_Folder_IsRefused()
    {
        using var files = new TinyModel(xml: null);
        Directory.CreateDirectory(files.Xml);

        Assert.StartsWith($"{files.Xml}: cannot be read", Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml)).Message, StringComparison.Ordinal);
    }

    private static string ReplaceFirst(string text, string part, string replacement)
    {
        int at = text.IndexOf(part, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + part.Length));
    }
}
