using System.Globalization;
using System.Text.Json;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.Models;
using EdgeInference.Preprocessing;
using EdgeInference.TestSupport;
using EdgeInference.TestSupport.OpenVino;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Integration.Tests.OpenVino;

/// <summary>The program chooses OpenVINO and runs models on it: a fake of its C library, which computes something that can be checked.</summary>
public sealed class EngineTests : IDisposable
{
    private const int CutFrames = 20;

    private readonly TemporaryFolder _folder = new();

    private static string HalfPrecision => TestData.Path("models/squeezenet1.1/v10-FP16/squeezenet1.1.xml");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(FakeRelease.V2023, "2023.2")]
    [InlineData(FakeRelease.V2024, "2024.6")]
    [InlineData(FakeRelease.V2025, "2025.4")]
    [InlineData(FakeRelease.V2026, "2026.4")]
    public async Task Run_EveryFrame_GetsTheResultOfItsOwnPicture(FakeRelease release, string version)
    {
        Dictionary<string, string> environment = FakeRun.Environment(release);

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--interval", "0", "--format", "json", "--decimals", "6", "--threshold", "0"));

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains($"engine OpenVINO on CPU: OpenVINO {version}", run.Log, StringComparison.Ordinal);
        Assert.Contains("f32, 4 requests in flight", run.Log, StringComparison.Ordinal);
        Assert.Equal(await ExpectedConfidencesAsync(), run.OutputLines.Select(static line => FirstConfidenceOf(line)));
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Equal(DemoFiles.ConveyorFrames, log.Inferences);
        FakeRun.AssertClean(log);
    }

    [DataFact]
    public async Task Run_OldIr_IsHandedOverAsOnnx()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026);
        string model = TestData.Path("models/face-detection-retail-0004/v3-FP16/face-detection-retail-0004.xml");

        ServiceRun run = await ServiceProcess.RunAsync(environment, "run", "--model", model, "--input", DemoFiles.Conveyor, "--engine", "openvino");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("(IR v3, FP16), function detection, on OpenVINO", run.Log, StringComparison.Ordinal);
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Equal(1, log.Calls["ov_core_read_model_from_memory_buffer"]);
        FakeRun.AssertClean(log);
    }

    /// <summary>OpenVINO gives the halves of its inputs and outputs as floats.</summary>
    [DataFact]
    public async Task Run_IrV10InHalfPrecision_IsTakenAsItIs()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026);

        ServiceRun run = await ServiceProcess.RunAsync(environment, "run", "--model", HalfPrecision, "--input", await CutAsync(), "--engine", "openvino");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("(IR v10, FP16), function classification, on OpenVINO", run.Log, StringComparison.Ordinal);
        FakeOpenVinoLog log = FakeRun.LogOf(environment);
        Assert.Equal(1, log.Calls["ov_core_read_model"]);
        Assert.Equal(CutFrames, log.Inferences);
        FakeRun.AssertClean(log);
    }

    [DataTheory]
    [InlineData("auto", 0)]
    [InlineData("openvino", 78)]
    public async Task Run_OpenVinoHasOtherTypes_AutoFallsBack(string engine, int exitCode)
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_V10_AS_DECLARED", "1"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, "run", "--model", HalfPrecision, "--input", await CutAsync(), "--engine", engine);

        Assert.True(run.ExitCode == exitCode, run.Log);
        Assert.Contains("is Float16 in the compiled model, and Float32 in the model", Assert.Single(Problem.LinesOf(run)), StringComparison.Ordinal);
        Problem.AssertCalm(run);
        Assert.Equal(exitCode == 0, run.Log.Contains("on ONNX Runtime", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_Latency_HasOneRequest()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026);

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--hint", "latency", "--precision", "f16"));

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("CPU, latency, f16, 1 requests in flight", run.Log, StringComparison.Ordinal);
        Assert.Equal(1, FakeRun.LogOf(environment).Calls["ov_compiled_model_create_infer_request"]);
    }

    [Theory]
    [InlineData("CPU", "AUTO (CPU), throughput, f32, ")]
    [InlineData("CPU,GPU", "AUTO (CPU), throughput, 4 requests")]
    public async Task Run_Auto_HasFullPrecisionWhereTheCpuIsAlone(string devices, string engine)
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_DEVICES", devices));

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--device", "AUTO"));

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains(engine, run.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CPU", "HETERO:FPGA,CPU", "FPGA: OpenVINO gave up this device in 2020.4; CPU runs the model")]
    [InlineData("CPU,GPU", "MULTI:MYRIAD,GPU,CPU", "MYRIAD: OpenVINO gave up this device in 2023.0; MULTI:GPU,CPU runs the model")]
    [InlineData("CPU", "MULTI:GPU,CPU", "libOpenCL.so.1: cannot open shared object file")]
    public async Task Run_ListWithAbsentDevices_GoesOnWithOneWarning(string devices, string device, string words)
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2025, ("FAKE_OPENVINO_DEVICES", devices));

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--device", device));

        Assert.True(run.ExitCode == 0, run.Log);
        string line = Assert.Single(Problem.LinesOf(run));
        Assert.Contains(words, line, StringComparison.Ordinal);
        Problem.AssertCalm(run);
    }

    [Fact]
    public async Task Run_ListWithoutOpenVino_GoesOnWithOneWarning()
    {
        var environment = new Dictionary<string, string> { ["EDGEINFERENCE_OPENVINO"] = _folder.Path };

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--device", "HETERO:FPGA,CPU"));

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("ONNX Runtime runs the model on the CPU", Assert.Single(Problem.LinesOf(run)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DeviceIsNotThere_IsAConfigurationErrorThatListsWhatIs()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_DEVICES", "CPU,NPU"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--device", "GPU"));

        Problem.AssertOneLine(run, 78, "device GPU is not there", "libOpenCL.so.1", "there is: CPU, NPU");
    }

    [Theory]
    [InlineData(null, "no libopenvino_c.so.*")]
    [InlineData(FakeRelease.TooOld, "2023.1", "2023.2 or newer")]
    public async Task Run_OpenVinoAskedForAndUnusable_IsOneClearLine(FakeRelease? release, params string[] words)
    {
        var environment = new Dictionary<string, string> { ["EDGEINFERENCE_OPENVINO"] = release is { } old ? FakeOpenVinoCompiler.Compile(old) : _folder.Path };

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--engine", "openvino"));

        Problem.AssertOneLine(run, 78, ["engine OpenVINO: OpenVINO cannot be used: ", .. words]);
    }

    [Fact]
    public async Task Run_OnnxRuntimeAskedFor_LeavesOpenVinoAlone()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026);

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--engine", "onnxruntime"));

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("engine ONNX Runtime on CPU: as configured", run.Log, StringComparison.Ordinal);
        Assert.False(FakeRun.WasUsed(environment));
    }

    [Theory]
    [InlineData("auto", 0)]
    [InlineData("openvino", 78)]
    public async Task Run_OpenVinoRefusesTheModel_AutoFallsBack(string engine, int exitCode)
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_FAIL", "ov_core_compile_model_props:0:no such layer"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, DetectorRun("--engine", engine));

        Assert.True(run.ExitCode == exitCode, run.Log);
        Assert.Contains("no such layer", Assert.Single(Problem.LinesOf(run)), StringComparison.Ordinal);
        Assert.Equal(exitCode == 0, run.Log.Contains("on ONNX Runtime", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_CpuExtensionOfTheSamples_IsIgnoredWhereItIsOfNoUse()
    {
        Dictionary<string, string> environment = FakeRun.Environment(
            FakeRelease.V2026,
            ("PARAM_MODEL_XML", DemoFiles.Detector),
            ("PARAM_INPUT_SOURCE", DemoFiles.Conveyor),
            ("PARAM_CPU_EXTENSION_PATH", "/usr/lib64/libcpu_extension.so"));

        ServiceRun run = await ServiceProcess.RunAsync(environment);

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("PARAM_CPU_EXTENSION_PATH=/usr/lib64/libcpu_extension.so is ignored: ", Assert.Single(Problem.LinesOf(run)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ConfiguredCpuExtensionIsMissing_IsAConfigurationError()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026);
        string settings = await WriteStreamAsync(new { Path = DemoFiles.Detector, CpuExtension = "/usr/lib64/libcpu_extension.so" });

        ServiceRun run = await ServiceProcess.RunAsync(environment, "run", "--config", settings);

        Problem.AssertOneLine(run, 78, "Model:CpuExtension", "/usr/lib64/libcpu_extension.so", "no such file");
    }

    [Fact]
    public async Task Run_ConfiguredCpuExtension_ReachesOpenVino()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026);
        string extension = _folder.File("libmy_extension.so");
        File.Copy(FakeOpenVinoCompiler.Compile(FakeRelease.V2025), extension);
        string settings = await WriteStreamAsync(new { Path = DemoFiles.Detector, CpuExtension = extension });

        ServiceRun run = await ServiceProcess.RunAsync(environment, "run", "--config", settings);

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Equal(1, FakeRun.LogOf(environment).Calls["ov_core_add_extension"]);
    }

    [Fact]
    public async Task Devices_OpenVinoThere_ShowsEnginesAndDevices()
    {
        Dictionary<string, string> environment = FakeRun.Environment(FakeRelease.V2026, ("FAKE_OPENVINO_DEVICES", "CPU,GPU"));

        ServiceRun run = await ServiceProcess.RunAsync(environment, "devices");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Empty(run.Log);
        Assert.Equal($"OpenVINO 2026.4.1 ({environment["EDGEINFERENCE_OPENVINO"]})", run.OutputLines[0]);
        Assert.Contains(run.OutputLines, static line => line.StartsWith("  CPU  ", StringComparison.Ordinal) && line.Contains("FP32, ", StringComparison.Ordinal));
        Assert.Contains(run.OutputLines, static line => line.StartsWith("  GPU  ", StringComparison.Ordinal) && line.Contains("FP16", StringComparison.Ordinal));
        Assert.Contains(run.OutputLines, static line => line.StartsWith("  NPU cannot be used: ", StringComparison.Ordinal));
        Assert.Contains(run.OutputLines, static line => line.StartsWith("ONNX Runtime 1.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Devices_NoOpenVino_SaysWhatToInstall()
    {
        var environment = new Dictionary<string, string> { ["EDGEINFERENCE_OPENVINO"] = _folder.Path };

        ServiceRun run = await ServiceProcess.RunAsync(environment, "devices");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.StartsWith($"OpenVINO cannot be used: {_folder.Path}: ", run.OutputLines[0], StringComparison.Ordinal);
        Assert.Single(run.OutputLines, static line => line.Contains("Install OpenVINO", StringComparison.Ordinal));
    }

    /// <summary>The first frames of the conveyor.</summary>
    private async Task<string> CutAsync()
    {
        string cut = _folder.File("cut.mp4");
        await FfmpegTool.MakeAsync("-i", DemoFiles.Conveyor, "-map", "0:v:0", "-c", "copy", "-frames:v", CutFrames.ToString(CultureInfo.InvariantCulture), cut);
        return cut;
    }

    private static string[] DetectorRun(params string[] more) => ["run", "--model", DemoFiles.Detector, "--input", DemoFiles.Conveyor, .. more];

    /// <summary>What the fake computes of each frame, as the service should have prepared it.</summary>
    private static async Task<List<double>> ExpectedConfidencesAsync()
    {
        InferenceModel model = ModelFile.Read(DemoFiles.Detector, new ModelFileOptions { Engine = ModelEngine.OpenVino });
        var preprocessor = new Preprocessor(new PreprocessingOptions(), model.Inputs[0]);
        var input = new Tensor(TensorElementType.Float32, 0);
        var confidences = new List<double>();
        await using IVideoSource source = new VideoSourceFactory(TimeProvider.System, NullLoggerFactory.Instance)
            .Open(new SourceOptions { Input = DemoFiles.Conveyor }, new FramePool());
        while (await source.ReadAsync(CancellationToken.None) is { } frame)
        {
            using (frame)
                preprocessor.Run(frame, input);
            byte[] rows = FakeComputation.Run([input], model.Outputs[0], 0).Bytes;
            confidences.Add(Math.Round((double)BitConverter.ToSingle(rows, 2 * sizeof(float)), 6));
        }

        return confidences;
    }

    private static double FirstConfidenceOf(string report)
    {
        using JsonDocument json = JsonDocument.Parse(report);
        return json.RootElement.GetProperty("Object0").GetProperty("confidence").GetDouble();
    }

    private async Task<string> WriteStreamAsync(object model)
    {
        string path = _folder.File("settings.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { EdgeInference = new { Streams = new[] { new { Source = new { Input = DemoFiles.Conveyor }, Model = model } } } }));
        return path;
    }
}
