using System.Diagnostics;
using EdgeInference.Inference;
using EdgeInference.Integration.Tests.Goldens;
using EdgeInference.Models.Npy;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>The samples' own networks in IR v2, with seeded weights, against what the engine of their time gave.</summary>
public sealed class TopologyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-");

    public static TheoryData<string, ModelEngine> Networks => GoldenEngines.With("MobileNetSSD-5Class", "SqueezeNetSSD-5Class");

    public void Dispose() => _folder.Delete(recursive: true);

    [DataTheory]
    [MemberData(nameof(Networks))]
    public async Task Read_SamplesNetwork_GivesTheEnginesDetections(string name, ModelEngine engine)
    {
        InferenceModel model = ModelFile.Read(await WithWeightsAsync(name), new ModelFileOptions { Engine = engine });
        using IInferenceEngine compiled = ModelRunner.Load(model, engine);

        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, compiled, [NpyFile.Read(TestData.Path("topologies/input.car-detection.00120.npy"))]);

        DetectionRows.Float.AssertSame(NpyFile.Read(TestData.Path($"topologies/{name}.v2.detection_out.npy")), Assert.Single(outputs));
    }

    /// <summary>The network's .xml, copied beside the .bin that the recording's own script writes.</summary>
    private async Task<string> WithWeightsAsync(string name)
    {
        string xml = Path.Combine(_folder.FullName, $"{name}.v2.xml");
        File.Copy(TestData.Path($"topologies/{name}.v2.xml"), xml);
        using Process python = Process.Start(new ProcessStartInfo("python3", [TestData.Path("topologies/make_weights.py"), xml]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string said = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, said);
        return xml;
    }
}
