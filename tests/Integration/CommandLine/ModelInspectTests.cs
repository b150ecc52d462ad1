using System.Text.Json;
using EdgeInference.Integration.Tests.BadInput;

namespace EdgeInference.Integration.Tests.CommandLine;

public sealed class ModelInspectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ModelInspect_Detector_TellsWhatIsInIt()
    {
        ServiceRun run = await ServiceProcess.RunAsync("model", "inspect", DemoFiles.Detector);

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Log);
        Assert.StartsWith("parts-detector: IR v11, FP16\ncan be run\n", run.Output, StringComparison.Ordinal);
        Assert.All(["[1,3,192,320]", "[1,1,100,7]  DetectionOutput", "GroupConvolution  12  opset1", "0.34 GFLOPs", "0 of 31", "as run", " ms"], word => Assert.Contains(word, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ModelInspect_Json_HasTheFigures()
    {
        ServiceRun run = await ServiceProcess.RunAsync("model", "inspect", DemoFiles.Classifier, "--format", "json");

        Assert.Equal(0, run.ExitCode);
        JsonElement inspection = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("Float32", inspection.GetProperty("inputs")[0].GetProperty("elementType").GetString());
        Assert.True(inspection.GetProperty("cost").GetProperty("multiplyAdds").GetInt64() > 1_000_000);
        Assert.True(inspection.GetProperty("cost").GetProperty("isComplete").GetBoolean());
        Assert.Equal(0, inspection.GetProperty("unsupported").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, inspection.GetProperty("refusal").ValueKind);
    }

    [Fact]
    public async Task ModelInspect_ModelIsUnsupported_NamesTheLayersAndEndsWith1()
    {
        string model = DemoFiles.CopyDetectorTo(_folder);
        string xml = await File.ReadAllTextAsync(model);
        await File.WriteAllTextAsync(model, xml.Replace("type=\"DetectionOutput\"", "type=\"Telescope\"", StringComparison.Ordinal));

        ServiceRun run = await ServiceProcess.RunAsync("model", "inspect", model);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cannot be run: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n  Telescope  'detection_out'\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("GroupConvolution  12", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelInspect_FileIsMissing_SaysSo() => Problem.AssertOneLine(
        await ServiceProcess.RunAsync("model", "inspect", _folder.File("missing.xml")), 78, "missing.xml", "could not find file");
}
