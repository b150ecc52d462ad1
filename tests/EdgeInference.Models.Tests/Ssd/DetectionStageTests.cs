using EdgeInference.Inference;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.Models.Tests.Ir;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Ssd;

public sealed class DetectionStageTests
{
    private const string DetectionsIntoRelu = """
        <net name="detections" version="3">
            <layers>
                <layer id="0" name="locations" type="Input" precision="FP32"><output><port id="0"><dim>1</dim><dim>4</dim></port></output></layer>
                <layer id="1" name="scores" type="Input" precision="FP32"><output><port id="0"><dim>1</dim><dim>2</dim></port></output></layer>
                <layer id="2" name="priors" type="Input" precision="FP32"><output><port id="0"><dim>1</dim><dim>2</dim><dim>4</dim></port></output></layer>
                <layer id="3" name="detections" type="DetectionOutput" precision="FP32">
                    <data num_classes="2" nms_threshold="0.5" keep_top_k="1" code_type="CORNER" />
                    <input>
                        <port id="0"><dim>1</dim><dim>4</dim></port>
                        <port id="1"><dim>1</dim><dim>2</dim></port>
                        <port id="2"><dim>1</dim><dim>2</dim><dim>4</dim></port>
                    </input>
                    <output><port id="3"><dim>1</dim><dim>1</dim><dim>1</dim><dim>7</dim></port></output>
                </layer>
                <layer id="4" name="relu" type="ReLU" precision="FP32">
                    <input><port id="0"><dim>1</dim><dim>1</dim><dim>1</dim><dim>7</dim></port></input>
                    <output><port id="1"><dim>1</dim><dim>1</dim><dim>1</dim><dim>7</dim></port></output>
                </layer>
            </layers>
            <edges>
                <edge from-layer="0" from-port="0" to-layer="3" to-port="0" />
                <edge from-layer="1" from-port="0" to-layer="3" to-port="1" />
                <edge from-layer="2" from-port="0" to-layer="3" to-port="2" />
                <edge from-layer="3" from-port="3" to-layer="4" to-port="0" />
            </edges>
        </net>
        """;

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
    public void CutOff_DetectionsThatFeedALayer_AreRefused()
    {
        using var files = new TinyModel(DetectionsIntoRelu, new byte[64]);

        ModelException fault = Assert.Throws<ModelException>(() => ModelFile.Read(files.Xml));

        Assert.Contains("detections of 'detections' (DetectionOutput) feed another layer, which is not supported", fault.Message, StringComparison.Ordinal);
    }
}
