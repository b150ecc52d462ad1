using EdgeInference.Inference;
using EdgeInference.Models.Npy;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.Models.Tests.Ir;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Onnx;

/// <summary>IRs as .onnx files: good ONNX, and the same model when read back.</summary>
public sealed class ConversionTests : IDisposable
{
    private readonly TinyModel _files = new();

    private string OnnxPath => Path.ChangeExtension(_files.Xml, ".onnx");

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("parts-detector", "detector.input.npy")]
    [InlineData("parts-classifier", "classifier.input.npy")]
    public async Task Convert_DemoModel_GivesTheSameBits(string name, string input) => await AssertSameAsync(
        TestData.InRepository($"models/{name}/{name}.xml"), NpyFile.Read(TestData.InRepository($"models/golden/{input}")));

    [DataFact]
    public async Task Convert_RealModels_GiveTheSameBits()
    {
        int compared = 0;
        foreach (string xml in Directory.GetFiles(TestData.Path("models"), "*.xml", SearchOption.AllDirectories).Where(CanBeRead))
        {
            TensorInfo image = Assert.Single(ModelFile.Read(xml).Inputs);
            var input = new Tensor(TensorElementType.Float32, [.. image.Shape]);
            var random = new Random(1);
            foreach (ref float value in input.Elements<float>())
                value = random.Next(256);
            await AssertSameAsync(xml, input);
            compared++;
        }

        Assert.True(compared > 5, $"Only {compared} models were compared.");
    }

    [Theory]
    [InlineData("parts-detector")]
    [InlineData("parts-classifier")]
    public void Convert_DemoModel_KeepsTheRulesOfOnnx(string name)
    {
        GraphProto graph = ModelProto.Parser.ParseFrom(ModelFile.Convert(TestData.InRepository($"models/{name}/{name}.xml")).Onnx.Span).Graph;

        HashSet<string> known = [.. graph.Input.Select(static i => i.Name), .. graph.Initializer.Select(static t => t.Name)];
        Assert.Equal(graph.Input.Count + graph.Initializer.Count, known.Count);
        foreach (NodeProto node in graph.Node)
        {
            Assert.Equal("", node.Domain);
            Assert.All(node.Input.Where(static operand => operand.Length > 0), operand => Assert.True(known.Contains(operand), $"{node.Name} takes {operand} before it is computed"));
            Assert.All(node.Output, result => Assert.True(known.Add(result), $"{result} is computed twice"));
        }

        Assert.Equal(graph.Node.Count, graph.Node.Select(static n => n.Name).Distinct(StringComparer.Ordinal).Count());
        Dictionary<string, ValueInfoProto> described = graph.ValueInfo.Concat(graph.Output).ToDictionary(static v => v.Name, StringComparer.Ordinal);
        Assert.Equal(described.Keys.Order(StringComparer.Ordinal), graph.Node.SelectMany(static n => n.Output).Order(StringComparer.Ordinal));
        Assert.All(described.Values, static value => Assert.True(value.Type.TensorType.ElemType > 0 && value.Type.TensorType.Shape is not null));
    }

    [Fact]
    public void Convert_Detector_SaysWhatIsNotInTheGraph()
    {
        ConvertedModel converted = ModelFile.Convert(TestData.InRepository("models/parts-detector/parts-detector.xml"));

        ModelProto file = ModelProto.Parser.ParseFrom(converted.Onnx.Span);
        Assert.Equal(["detection_out"], converted.DetectionOutputs);
        Assert.Equal(["mbox_loc", "mbox_conf/flat", "mbox_priorbox"], converted.Outputs.Select(static o => o.Name));
        Assert.Equal(converted.Outputs.Select(static o => o.Name), file.Graph.Output.Select(static o => o.Name));
        Assert.Contains("DetectionOutput 'detection_out' is not part of this graph", file.DocString, StringComparison.Ordinal);
        string stage = Assert.Single(file.MetadataProps).Value;
        Assert.Contains("\"nms_threshold\":\"0.4", stage, StringComparison.Ordinal);
        Assert.Contains("\"keep_top_k\":\"100\"", stage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Convert_OutputThatIsAnInput_IsHandedOnAfterReadingBack()
    {
        using var files = new TinyModel(TinyModel.Text
            .Replace("</layers>", "<layer id=\"7\" name=\"copy\" type=\"Result\" version=\"opset1\"><input><port id=\"0\"><dim>1</dim><dim>2</dim><dim>4</dim><dim>4</dim></port></input></layer></layers>", StringComparison.Ordinal)
            .Replace("</edges>", "<edge from-layer=\"0\" from-port=\"0\" to-layer=\"7\" to-port=\"0\" /></edges>", StringComparison.Ordinal));

        await AssertSameAsync(files.Xml, new Tensor(TensorElementType.Float32, 1, 2, 4, 4));
    }

    [Fact]
    public void Convert_OnnxFile_IsRefused()
    {
        File.WriteAllBytes(OnnxPath, ModelFile.Convert(_files.Xml).Onnx.ToArray());

        Assert.Equal($"{OnnxPath}: is an ONNX file already.", Assert.Throws<ModelException>(() => ModelFile.Convert(OnnxPath)).Message);
    }

    [Theory]
    [InlineData("{", "describe no output stage")]
    [InlineData("{}", "describe no output stage")]
    [InlineData("{\"outputs\":[null]}", "not made from one operand")]
    [InlineData("{\"outputs\":[{\"name\":\"x\",\"operands\":[{\"output\":\"nowhere\"}]}]}", "no output 'nowhere'")]
    [InlineData("{\"outputs\":[{\"name\":\"x\",\"operands\":[]}]}", "not made from one operand")]
    [InlineData("{\"outputs\":[{\"name\":\"x\",\"operands\":[{\"constant\":{\"element_type\":\"Float32\",\"shape\":[2],\"data\":\"AAAA\"}}]}]}", "3 bytes do not fit")]
    [InlineData("{\"outputs\":[{\"name\":\"x\",\"operands\":[{\"output\":\"out\"}],\"detection_output\":{\"ir_version\":10,\"version\":\"opset1\",\"attributes\":{\"nms_threshold\":\"0.5\"}}}]}", "output 'x' (DetectionOutput): the form with 1 inputs")]
    [InlineData("{\"outputs\":[{\"name\":\"x\",\"operands\":[{\"output\":\"out\"},{\"output\":\"out\"},{\"output\":\"out\"}],\"detection_output\":{\"ir_version\":10,\"version\":\"opset1\",\"attributes\":{\"nms_threshold\":\"0.5\"}}}]}", "output 'x' (DetectionOutput): its inputs have 4, 4 and 4 dimensions")]
    [InlineData("{\"outputs\":[{\"name\":\"x\",\"operands\":[{\"output\":\"out\"}]},{\"name\":\"x\",\"operands\":[{\"output\":\"out\"}]}]}", "two outputs")]
    public void Read_StageThatDoesNotFit_IsRefused(string stage, string reason)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(ModelFile.Convert(_files.Xml).Onnx.Span);
        model.MetadataProps.Add(new StringStringEntryProto { Key = "edge_inference.output_stage", Value = stage });
        File.WriteAllBytes(OnnxPath, Google.Protobuf.MessageExtensions.ToByteArray(model));

        string message = Assert.Throws<ModelException>(() => ModelFile.Read(OnnxPath)).Message;

        Assert.StartsWith(OnnxPath, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    private static bool CanBeRead(string xml)
    {
        try
        {
            return ModelFile.Read(xml).Inputs.Count == 1;
        }
        catch (ModelException)
        {
            return false;
        }
    }

    /// <summary>ONNX Runtime takes the converted file at full optimisation, and what comes out is what the IR gives in the same forms.</summary>
    private async Task AssertSameAsync(string xml, Tensor input)
    {
        InferenceModel ir = ModelFile.Read(xml, new ModelFileOptions { Target = OnnxTarget.Standard, IntegerKernels = IntegerKernels.Always });
        await File.WriteAllBytesAsync(OnnxPath, ModelFile.Convert(xml).Onnx.ToArray());

        InferenceModel onnx = ModelFile.Read(OnnxPath);

        Assert.Equal(string.Join('\n', ir.Inputs), string.Join('\n', onnx.Inputs));
        Assert.Equal(string.Join('\n', ir.Outputs), string.Join('\n', onnx.Outputs));
        Assert.Equal(ir.DetectionOutputs, onnx.DetectionOutputs);
        IReadOnlyList<Tensor> expected = await ModelRunner.RunAsync(ir, [input]);
        IReadOnlyList<Tensor> actual = await ModelRunner.RunAsync(onnx, [input]);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Shape.ToArray(), actual[i].Shape.ToArray());
            Assert.True(expected[i].Bytes.SequenceEqual(actual[i].Bytes), $"{xml}: output {ir.Outputs[i].Name} differs");
        }
    }
}
