using System.Text.Json;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.CommandLine;

public sealed class ModelConvertTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ModelConvert_Detector_SaysWhichOutputsTheFileHas()
    {
        ServiceRun run = await ConvertAsync(DemoFiles.Detector);

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.All(["mbox_loc Float32[1,28320]", "mbox_conf/flat Float32[1,42480]", "mbox_priorbox Float32[1,2,28320]", "DetectionOutput 'detection_out'"], word => Assert.Contains(word, run.Output, StringComparison.Ordinal));
        Assert.Equal([_folder.File("parts.onnx")], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task ModelConvert_Detector_RunsToTheSameBits()
    {
        await ConvertAsync(DemoFiles.Detector);
        string input = TestData.InRepository("models/golden/detector.input.npy");
        foreach ((string model, string output) in new[] { (DemoFiles.Detector, "ir"), (_folder.File("parts.onnx"), "onnx") })
        {
            ServiceRun run = await ServiceProcess.RunAsync("model", "run", model, "--input", input, "--output-dir", _folder.File(output));
            Assert.True(run.ExitCode == 0, run.Log);
        }

        Assert.Equal(await File.ReadAllBytesAsync(_folder.File("ir/detection_out.npy")), await File.ReadAllBytesAsync(_folder.File("onnx/detection_out.npy")));
    }

    [Fact]
    public async Task ModelConvert_Detector_GivesTheServiceTheSameDetections()
    {
        await ConvertAsync(DemoFiles.Detector);

        List<string> fromIr = await ReadObjectsAsync(DemoFiles.Detector);
        List<string> fromOnnx = await ReadObjectsAsync(_folder.File("parts.onnx"));

        Assert.Equal(DemoFiles.ConveyorFrames, fromIr.Count);
        Assert.Contains(fromIr, static objects => objects.Contains("Object0", StringComparison.Ordinal));
        Assert.Equal(fromIr, fromOnnx);
    }

    [Fact]
    public async Task ModelConvert_FileIsThere_IsKeptWithoutForce()
    {
        await File.WriteAllTextAsync(_folder.File("parts.onnx"), "mine");

        Problem.AssertOneLine(await ConvertAsync(DemoFiles.Classifier), 78, "parts.onnx", "--force");
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder.File("parts.onnx")));
        Assert.Equal(0, (await ConvertAsync(DemoFiles.Classifier, "--force")).ExitCode);
        Assert.True(new FileInfo(_folder.File("parts.onnx")).Length > 1000);
    }

    [Fact]
    public async Task ModelConvert_ModelIsUnsupported_LeavesNoFile()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        string xml = await File.ReadAllTextAsync(model);
        await File.WriteAllTextAsync(model, xml.Replace("type=\"DetectionOutput\"", "type=\"Telescope\"", StringComparison.Ordinal));

        Problem.AssertOneLine(await ConvertAsync(model), 78, "Telescope");
        Assert.False(File.Exists(_folder.File("parts.onnx")));
    }

    [Theory]
    [InlineData("1,3,x,320", "no shape")]
    [InlineData("1,3,192,300", "cannot be [1,3,192,300]")]
    [InlineData("picture=1,3,192,320", "no input 'picture'")]
    public async Task ModelConvert_ShapeIsWrong_SaysWhy(string shape, string reason) =>
        Problem.AssertOneLine(await ConvertAsync(DemoFiles.Detector, "--shape", shape), 78, reason);

    private Task<ServiceRun> ConvertAsync(string model, params string[] more) =>
        ServiceProcess.RunAsync(["model", "convert", model, "-o", _folder.File("parts.onnx"), .. more]);

    private static async Task<List<string>> ReadObjectsAsync(string model)
    {
        ServiceRun run = await ServiceProcess.RunAsync(
            "run", "--model", model, "--input", DemoFiles.Conveyor, "--interval", "0", "--decimals", "6", "--format", "json");
        Assert.True(run.ExitCode == 0, run.Log);
        return [.. run.OutputLines.Select(static line => string.Join(',', JsonDocument.Parse(line).RootElement.EnumerateObject().SkipLast(3)))];
    }
}
