using System.Text.Json;
using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Native.Tests.OnnxRuntime;

namespace EdgeInference.Integration.Tests.CommandLine;

/// <summary>Plain .onnx files, given to the service as they are.</summary>
public sealed class OnnxModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_Classifier_ReportsWhatItsIrReports()
    {
        string onnx = _folder.File("parts.onnx");
        await File.WriteAllBytesAsync(onnx, ModelFile.Read(DemoFiles.Classifier).Onnx.ToArray());

        List<string> fromOnnx = await ReadCandidatesAsync(onnx);
        List<string> fromIr = await ReadCandidatesAsync(DemoFiles.Classifier);

        Assert.Equal(DemoFiles.InspectionFrames, fromIr.Count);
        Assert.Equal(fromIr, fromOnnx);
    }

    [Fact]
    public async Task Run_DetectorWithBoxesAndScores_ReportsTheBoxesAboveTheThreshold()
    {
        // Three boxes with the scores of background and two classes; the last two boxes overlap.
        InferenceModel ssd = new OnnxModelBuilder()
            .Input("image", TensorElementType.Float32, 1, 3, 8, 8)
            .Constant("nothing", [], 0)
            .Constant("all boxes", [1, 3, 4], 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.5f, 0.9f, 0.9f, 0.5f, 0.5f, 0.88f, 0.9f)
            .Constant("all scores", [1, 3, 3], 0.1f, 0.7f, 0.2f, 0.05f, 0.05f, 0.9f, 0.1f, 0.1f, 0.8f)
            .Node("ReduceMax", ["image"], ["brightest"])
            .Node("Squeeze", ["brightest"], ["level"])
            .Node("Mul", ["level", "nothing"], ["zero"])
            .Node("Add", ["all boxes", "zero"], ["boxes"])
            .Node("Add", ["all scores", "zero"], ["scores"])
            .Output("boxes", TensorElementType.Float32, 1, 3, 4)
            .Output("scores", TensorElementType.Float32, 1, 3, 3)
            .Build();
        string onnx = _folder.File("ssd.onnx");
        await File.WriteAllBytesAsync(onnx, ssd.Onnx.ToArray());

        ServiceRun run = await ServiceProcess.RunAsync("run", "--model", onnx, "--input", DemoFiles.Inspection, "--interval", "0", "--format", "json");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Equal(DemoFiles.InspectionFrames, run.OutputLines.Length);
        Assert.All(run.OutputLines, static line => Assert.StartsWith(
            """{"Object0":{"label":2,"class":"2","confidence":0.9,"xmin":0.5,"ymin":0.5,"xmax":0.9,"ymax":0.9},"Object1":{"label":1,"class":"1","confidence":0.7,"xmin":0.1,"ymin":0.2,"xmax":0.3,"ymax":0.4},"timestamp":""",
            line,
            StringComparison.Ordinal));
    }

    private static async Task<List<string>> ReadCandidatesAsync(string model)
    {
        ServiceRun run = await ServiceProcess.RunAsync(
            "run", "--model", model, "--input", DemoFiles.Inspection, "--interval", "0", "--decimals", "4", "--format", "json");
        Assert.True(run.ExitCode == 0, run.Log);
        return [.. run.OutputLines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("Candidates").GetRawText())];
    }
}
