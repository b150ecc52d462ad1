namespace EdgeInference.Integration.Tests.BadInput;

public sealed class ModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_XmlIsMissing_SaysSo() =>
        Problem.AssertOneLine(await RunAsync(_folder.File("missing.xml")), 78, "missing.xml", "could not find file");

    [Fact]
    public async Task Run_BinIsMissing_NamesItAndTheLayerThatNeedsIt()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        File.Delete(_folder.File("parts.bin"));

        Problem.AssertOneLine(await RunAsync(model), 78, "parts.xml", "layer 'mean_compressed' (Const)", "parts.bin", "does not exist");
    }

    [Fact]
    public async Task Run_XmlIsCutOff_NamesTheLine()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        string xml = await File.ReadAllTextAsync(model);
        await File.WriteAllTextAsync(model, xml[..(xml.Length / 2)]);

        Problem.AssertOneLine(await RunAsync(model), 78, "parts.xml", "not well-formed XML", "Line ");
    }

    [Fact]
    public async Task Run_WeightsAreShort_NamesTheLayerAndBothLengths()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        await using (FileStream weights = File.OpenWrite(_folder.File("parts.bin")))
            weights.SetLength(100_000);

        Problem.AssertOneLine(await RunAsync(model), 78, "parts.xml", "layer '", "(Const)", "parts.bin", "only 100000");
    }

    [Fact]
    public async Task Run_LayerOfUnknownType_NamesTypeAndLayer()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        string xml = await File.ReadAllTextAsync(model);
        await File.WriteAllTextAsync(model, xml.Replace("type=\"DetectionOutput\"", "type=\"Telescope\"", StringComparison.Ordinal));

        Problem.AssertOneLine(await RunAsync(model), 78, "parts.xml", "not supported", "Telescope", "'detection_out'");
    }

    [Fact]
    public async Task Run_SizesAreOpenAndNeeded_NamesTheOptionThatGivesThem()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        string xml = await File.ReadAllTextAsync(model);
        await File.WriteAllTextAsync(model, xml.Replace("shape=\"1,3,192,320\"", "shape=\"1,3,?,?\"", StringComparison.Ordinal).Replace("<dim>192</dim>", "<dim>-1</dim>", StringComparison.Ordinal).Replace("<dim>320</dim>", "<dim>-1</dim>", StringComparison.Ordinal));

        Problem.AssertOneLine(await RunAsync(model), 78, "parts.xml", "input image [1,3,?,?]", "Model:InputShape", "--shape");
        ServiceRun run = await RunAsync(model, "--shape", "1,3,192,320");
        Assert.True(run.ExitCode == 0, run.Log);
        Problem.AssertOneLine(await RunAsync(model, "--shape", "1,3,0,320"), 78, "--shape", "1 or more");
    }

    [Fact]
    public async Task Run_XmlIsNoXml_SaysSo()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        await File.WriteAllTextAsync(model, "layers: none\n");

        Problem.AssertOneLine(await RunAsync(model), 78, "parts.xml", "not well-formed XML", "Line 1");
    }

    [Fact]
    public async Task Run_OnnxIsGarbage_SaysSo()
    {
        string model = _folder.File("garbage.onnx");
        byte[] garbage = new byte[5000];
        new Random(1).NextBytes(garbage);
        await File.WriteAllBytesAsync(model, garbage);

        Problem.AssertOneLine(await RunAsync(model), 78, "garbage.onnx", "not an ONNX model");
    }

    [Fact]
    public async Task Run_FileOfAnotherKind_SaysWhichAreAllowed() =>
        Problem.AssertOneLine(await RunAsync(DemoFiles.DetectorLabels), 78, "labels.json", ".xml", ".onnx");

    [Theory]
    [InlineData("1: hex nut", "not valid JSON", "{\"0\":\"name\",...}")]
    [InlineData("[\"hex nut\"]", "expected {\"0\":\"name\",...}", "line 1")]
    [InlineData("{\"nut\": \"hex nut\"}", "'nut'", "class number")]
    public async Task Run_LabelMapIsWrong_SaysWhatIsExpected(string labels, params string[] words)
    {
        string path = _folder.File("wrong.json");
        await File.WriteAllTextAsync(path, labels);

        ServiceRun run = await RunAsync(DemoFiles.Detector, "--labels", path);

        Problem.AssertOneLine(run, 78, ["wrong.json", .. words]);
    }

    private static Task<ServiceRun> RunAsync(string model, params string[] more) =>
        ServiceProcess.RunAsync(["run", "--model", model, "--input", DemoFiles.Conveyor, "--format", "json", .. more]);
}
