using EdgeInference.Inference;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.Models.Tests.Ir;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Ssd;

public sealed class DetectionStageTests
{
    /// <summary>Boxes of the two priors of <see cref="Priors"/>, the second of which scores higher.</summary>
    private static readonly float[] Detections = [0, 1, 0.9f, 0.5f, 0.5f, 1, 1, 0, 1, 0.6f, 0, 0, 0.25f, 0.5f];

    private static Tensor Locations => Floats([1, 8], new float[8]);

    private static Tensor Scores => Floats([1, 4], 0.4f, 0.9f, 0.4f, 0.6f);

    private static Tensor Priors => Floats([1, 2, 8], 0.5f, 0.5f, 1, 1, 0, 0, 0.25f, 0.5f, 1, 1, 1, 1, 1, 1, 1, 1);

    [Fact]
    public async Task Run_AfterTheFirstTime_AllocatesNothing()
    {
        InferenceModel model = ModelFile.Read(TestData.InRepository("models/parts-detector/parts-detector.xml"));
        using IInferenceEngine engine = ModelRunner.Load(model);
        using IInferenceRequest request = engine.CreateRequest();
        await request.InferAsync(CancellationToken.None);
        IOutputStage stage = model.OutputStage!;
        Tensor[] outputs = stage.CreateOutputs();
        stage.Run(request.Outputs, outputs);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            stage.Run(request.Outputs, outputs);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Run_OutputThatIsAnInput_HandsItOnUnderItsName()
    {
        using var files = new TinyModel(TinyModel.Text
            .Replace("</layers>", "<layer id=\"7\" name=\"copy\" type=\"Result\" version=\"opset1\"><input><port id=\"0\"><dim>1</dim><dim>2</dim><dim>4</dim><dim>4</dim></port></input></layer></layers>", StringComparison.Ordinal)
            .Replace("</edges>", "<edge from-layer=\"0\" from-port=\"0\" to-layer=\"7\" to-port=\"0\" /></edges>", StringComparison.Ordinal));
        InferenceModel model = ModelFile.Read(files.Xml);
        var input = new Tensor(TensorElementType.Float32, 1, 2, 4, 4);
        for (int i = 0; i < input.Count; i++)
            input.Elements<float>()[i] = i;

        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [input]);

        Assert.Equal("out,data", string.Join(',', model.Outputs.OrderByDescending(static o => o.Name, StringComparer.Ordinal).Select(static o => o.Name)));
        int copy = Enumerable.Range(0, 2).Single(i => model.Outputs[i].Name is "data");
        Assert.Equal(input.Elements<float>().ToArray(), outputs[copy].Elements<float>().ToArray());
        Assert.Equal([39, 42], outputs[1 - copy].Elements<float>()[..2].ToArray());
        Assert.Empty(model.DetectionOutputs);
    }

    [Fact]
    public async Task Run_DetectionsNamedTwiceAndReshaped_GivesThemEachTime()
    {
        using SsdModel files = new SsdModel().Detect("detections")
            .Add("flat", "Squeeze", "", ["detections"], [2, 7])
            .Result("detections").Result("flat").Result("detections");
        InferenceModel model = ModelFile.Read(files.Xml);

        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [Locations, Scores, Priors]);

        Assert.Equal([0], model.DetectionOutputs);
        Assert.Equal(["detections", "flat", "detections_1"], model.Outputs.Select(static o => o.Name));
        Assert.Equal([1, 1, 2, 7], outputs[0].Shape.ToArray());
        Assert.Equal([2, 7], outputs[1].Shape.ToArray());
        Assert.All(outputs, static output => Assert.Equal(Detections, output.Elements<float>().ToArray()));
    }

    [Fact]
    public async Task Run_DetectionsConverted_CutsThemTowardsZero()
    {
        using SsdModel files = new SsdModel().Detect("detections")
            .Add("whole", "Convert", "destination_type=\"i32\"", ["detections"], [1, 1, 2, 7], "I32")
            .Add("again", "Convert", "destination_type=\"f32\"", ["whole"], [1, 1, 2, 7])
            .Result("whole").Result("again");
        InferenceModel model = ModelFile.Read(files.Xml);

        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [Locations, Scores, Priors]);

        Assert.Empty(model.DetectionOutputs);
        Assert.Equal([0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0], outputs[0].Elements<int>().ToArray());
        Assert.Equal([0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0], outputs[1].Elements<float>().ToArray());
    }

    [Fact]
    public async Task Run_HalfPrecisionAskedForAsFloats_GivesDetections()
    {
        using SsdModel files = new SsdModel().Detect("detections").Result("detections");
        string xml = files.Xml;
        await File.WriteAllTextAsync(xml, (await File.ReadAllTextAsync(xml)).Replace("\"f32\"", "\"f16\"", StringComparison.Ordinal).Replace("FP32", "FP16", StringComparison.Ordinal));
        InferenceModel declared = ModelFile.Read(xml);
        InferenceModel model = ModelFile.Read(xml, new ModelFileOptions { FloatInterface = true });

        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [Locations, Scores, Priors]);

        Assert.All(declared.Inputs.Concat(declared.Outputs), static tensor => Assert.Equal(TensorElementType.Float16, tensor.ElementType));
        Assert.Empty(declared.DetectionOutputs);
        Assert.All(model.Inputs.Concat(model.Outputs), static tensor => Assert.Equal(TensorElementType.Float32, tensor.ElementType));
        Assert.Equal([0], model.DetectionOutputs);
        Assert.Equal(Detections, outputs[0].Elements<float>().ToArray());
    }

    [Fact]
    public async Task Run_OperandsThatAreOutputsToo_HandsThemOn()
    {
        using SsdModel files = new SsdModel()
            .Add("half", "ReLU", "", ["scores"], [1, 4])
            .Detect("detections", "", "locations", "half", "priors")
            .Detect("others", "confidence_threshold=\"0.7\"", "locations", "half", "priors")
            .Result("half").Result("others").Result("priors").Result("detections");
        InferenceModel model = ModelFile.Read(files.Xml);

        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [Locations, Scores, Priors]);

        Assert.Equal([1, 3], model.DetectionOutputs);
        Assert.Equal(Scores.Elements<float>().ToArray(), outputs[0].Elements<float>().ToArray());
        Assert.Equal([.. Detections[..7], -1, .. new float[6]], outputs[1].Elements<float>().ToArray());
        Assert.Equal(Priors.Elements<float>().ToArray(), outputs[2].Elements<float>().ToArray());
        Assert.Equal(Detections, outputs[3].Elements<float>().ToArray());
    }

    [Fact]
    public async Task Run_OpenBatch_TakesTheSizesOfEachRun()
    {
        using SsdModel files = new SsdModel(batch: -1).Detect("detections").Result("detections");
        InferenceModel model = ModelFile.Read(files.Xml);
        Tensor locations = Floats([2, 8], new float[16]);
        Tensor scores = Floats([2, 4], 0, 0, 0, 0, 0.4f, 0.9f, 0.4f, 0.6f);

        Tensor two = (await ModelRunner.RunAsync(model, [locations, scores, Priors]))[0];
        Tensor one = (await ModelRunner.RunAsync(model, [Locations, Scores, Priors]))[0];

        Assert.Equal([1, 1, -1, 7], model.Outputs[0].Shape);
        Assert.Equal([1, 1, 4, 7], two.Shape.ToArray());
        Assert.Equal([1, 1, 0.9f, 0.5f, 0.5f, 1, 1, 1, 1, 0.6f, 0, 0, 0.25f, 0.5f, -1], two.Elements<float>()[..15].ToArray());
        Assert.Equal(Detections, one.Elements<float>().ToArray());
    }

    [Fact]
    public async Task Run_OpenSizesThatDoNotFit_FailsTheRun()
    {
        using SsdModel files = new SsdModel(batch: -1).Detect("detections").Result("detections");
        InferenceModel model = ModelFile.Read(files.Xml);

        InferenceException fault = await Assert.ThrowsAsync<InferenceException>(() => ModelRunner.RunAsync(model, [Floats([2, 8], new float[16]), Scores, Priors]));

        Assert.Contains("locations [2,8], scores [1,4] and priors [1,2,8] do not fit 2 classes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Convert_DetectionsInEveryForm_AreTheSameWhenReadBack()
    {
        using SsdModel files = new SsdModel().Detect("detections")
            .Add("flat", "Squeeze", "", ["detections"], [2, 7])
            .Add("whole", "Convert", "destination_type=\"i64\"", ["flat"], [2, 7], "I64")
            .Result("flat").Result("detections").Result("whole");
        string onnx = Path.ChangeExtension(files.Xml, ".onnx");
        await File.WriteAllBytesAsync(onnx, ModelFile.Convert(files.Xml).Onnx.ToArray());
        InferenceModel model = ModelFile.Read(onnx);

        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [Locations, Scores, Priors]);

        Assert.Equal(["flat Float32[2,7]", "detections Float32[1,1,2,7]", "whole Int64[2,7]"], model.Outputs.Select(static o => o.ToString()));
        Assert.Equal(Detections, outputs[0].Elements<float>().ToArray());
        Assert.Equal(Detections, outputs[1].Elements<float>().ToArray());
        Assert.Equal([0, 1, 0, 0, 0, 1, 1], outputs[2].Elements<long>()[..7].ToArray());
    }

    [Fact]
    public void CutOff_DetectionsThatFeedACalculation_AreRefused()
    {
        using SsdModel files = new SsdModel().Detect("detections").Add("relu", "ReLU", "", ["detections"], [1, 1, 2, 7]).Result("relu");

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.Contains("detections of 'detections' (DetectionOutput) feed 'relu' (Relu); only layers that change their shape or type can follow", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "locations,scores", "the form with 2 inputs does not exist")]
    [InlineData("", "locations,scores,priors,scores,scores", "objectness [1,4] and refinement [1,4] do not fit locations [1,8]")]
    [InlineData("num_classes=\"3\"", "", "locations [1,8], scores [1,4] and priors [1,2,8] do not fit 3 classes")]
    [InlineData("share_location=\"false\"", "", "do not fit 2 classes")]
    public void Read_InputsThatDoNotFit_AreRefused(string more, string inputs, string reason)
    {
        using SsdModel files = new SsdModel().Detect("detections", more, inputs.Split(',', StringSplitOptions.RemoveEmptyEntries)).Result("detections");

        Assert.Contains(reason, Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml)).Message, StringComparison.Ordinal);
    }

    private static Tensor Floats(long[] shape, params float[] values)
    {
        var tensor = new Tensor(TensorElementType.Float32, shape);
        values.CopyTo(tensor.Elements<float>());
        return tensor;
    }
}
