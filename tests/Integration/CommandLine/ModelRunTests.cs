using EdgeInference.Inference;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.Models.Npy;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.CommandLine;

/// <summary>The demo models against models/golden, which the independent reader in models/training computed.</summary>
public sealed class ModelRunTests : IDisposable
{
    private const float Tolerance = 1e-3f;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ModelRun_Classifier_GivesTheRecordedOutput() =>
        AssertClose(await RunAsync(DemoFiles.Classifier, "classifier.input.npy", "prob"), Golden("classifier.prob.npy"));

    [Fact]
    public async Task ModelRun_Detector_GivesTheRecordedOutput() =>
        AssertClose(await RunAsync(DemoFiles.Detector, "image=", "detector.input.npy", "detection_out"), Golden("detector.detection_out.npy"));

    [Fact]
    public async Task ModelRun_TensorOfAnotherShape_SaysWhichIsWanted() => Problem.AssertOneLine(
        await RunAsync(DemoFiles.Detector, GoldenPath("classifier.input.npy")), 78, "classifier.input.npy", "[1,3,128,128]", "image Float32[1,3,192,320]");

    [Fact]
    public async Task ModelRun_InputOfAnotherName_SaysWhichThereAre() => Problem.AssertOneLine(
        await RunAsync(DemoFiles.Detector, "picture=" + GoldenPath("detector.input.npy")), 78, "picture=", "no such input", "image Float32[1,3,192,320]");

    [DataTheory]
    [InlineData("dyn_hw", "input")]
    [InlineData("dyn_all", "input")]
    public async Task ModelRun_ModelWithOpenSizes_TakesThoseOfTheTensor(string name, string input)
    {
        ServiceRun run = await RunAsync(TestData.Path($"ops/modern/{name}/model.xml"), input + "=" + TestData.Path($"ops/modern/{name}/in_0.npy"));

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Single(Directory.GetFiles(_folder.Path, "*.npy"));
    }

    [Fact]
    public async Task ModelRun_TensorIsMissing_SaysSo() =>
        Problem.AssertOneLine(await RunAsync(DemoFiles.Detector, _folder.File("missing.npy")), 78, "missing.npy", "there is no file");

    [Fact]
    public async Task ModelRun_TensorIsNone_SaysSo() =>
        Problem.AssertOneLine(await RunAsync(DemoFiles.Detector, DemoFiles.DetectorLabels), 78, "labels.json", "not a .npy file");

    private static string GoldenPath(string name) => TestData.InRepository("models/golden/" + name);

    private static Tensor Golden(string name) => NpyFile.Read(GoldenPath(name));

    private Task<Tensor> RunAsync(string model, string input, string output) => RunAsync(model, "", input, output);

    private async Task<Tensor> RunAsync(string model, string inputName, string input, string output)
    {
        ServiceRun run = await RunAsync(model, inputName + GoldenPath(input));
        Assert.True(run.ExitCode == 0, run.Log);
        return NpyFile.Read(_folder.File(output + ".npy"));
    }

    private Task<ServiceRun> RunAsync(string model, string input) =>
        ServiceProcess.RunAsync("model", "run", model, "--input", input, "--output-dir", _folder.Path);

    private static void AssertClose(Tensor actual, Tensor expected)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        float[] wanted = expected.Elements<float>().ToArray();
        float[] got = actual.Elements<float>().ToArray();
        Assert.Contains(wanted, static value => value > 0.5f);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - got[i]) <= Tolerance, $"element {i}: expected {wanted[i]}, got {got[i]}");
    }
}
