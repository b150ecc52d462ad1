using EdgeInference.Models;
using EdgeInference.Service.Engines;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.Tests.Engines;

public sealed class EngineChoiceTests
{
    private const string Missing = "OpenVINO was not found";

    private static readonly OpenVinoState s_cpuOnly = State("CPU");
    private static readonly OpenVinoState s_gpus = State("CPU", "GPU.0", "GPU.1", "NPU");

    [Theory]
    [InlineData(EngineKind.Auto, "CPU")]
    [InlineData(EngineKind.Auto, "cpu")]
    [InlineData(EngineKind.OnnxRuntime, "CPU")]
    public void Decide_CpuWithoutOpenVino_IsQuietlyOnnxRuntime(EngineKind kind, string device)
    {
        EngineChoice choice = EngineChoice.Decide(kind, device, openVino: null, Missing);

        Assert.Equal((ModelEngine.OnnxRuntime, "CPU"), (choice.Engine, choice.Device));
        Assert.Null(choice.Warning);
        Assert.Null(choice.Fallback);
    }

    [Theory]
    [InlineData("HETERO:FPGA,CPU")]
    [InlineData("MULTI:GPU,CPU")]
    [InlineData("MULTI:GPU(4),CPU(2)")]
    [InlineData("AUTO")]
    [InlineData("AUTO:-GPU")]
    public void Decide_ListWithoutOpenVino_IsOnnxRuntimeWithAWarning(string device)
    {
        EngineChoice choice = EngineChoice.Decide(EngineKind.Auto, device, openVino: null, Missing);

        Assert.Equal((ModelEngine.OnnxRuntime, "CPU"), (choice.Engine, choice.Device));
        Assert.StartsWith($"device {device}: ONNX Runtime runs the model on the CPU", choice.Warning, StringComparison.Ordinal);
        Assert.Contains(Missing, choice.Warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EngineKind.Auto, "GPU")]
    [InlineData(EngineKind.Auto, "MYRIAD")]
    [InlineData(EngineKind.Auto, "FOO")]
    [InlineData(EngineKind.Auto, "HETERO:FPGA,GPU")]
    [InlineData(EngineKind.Auto, "AUTO:GPU")]
    [InlineData(EngineKind.Auto, "AUTO:-CPU")]
    [InlineData(EngineKind.OnnxRuntime, "GPU")]
    public void Decide_OtherDeviceWithoutOpenVino_IsRefusedWithWhatThereIs(EngineKind kind, string device)
    {
        var exception = Assert.Throws<StreamStartException>(() => EngineChoice.Decide(kind, device, openVino: null, Missing));

        Assert.StartsWith($"device {device} is not there; there is: CPU; accelerators need OpenVINO", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_OpenVinoAskedForAndNotThere_IsRefused() => Assert.Contains(
        Missing,
        Assert.Throws<StreamStartException>(static () => EngineChoice.Decide(EngineKind.OpenVino, "CPU", openVino: null, Missing)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("CPU")]
    [InlineData("GPU")]
    [InlineData("GPU.1")]
    [InlineData("NPU")]
    [InlineData("AUTO")]
    [InlineData("AUTO:GPU,CPU")]
    [InlineData("AUTO:-GPU.1")]
    [InlineData("MULTI:GPU(4),CPU(2)")]
    [InlineData("HETERO:GPU,CPU")]
    [InlineData("BATCH:GPU(16)")]
    public void Decide_DevicesThatAreThere_GoToOpenVinoAsTheyAre(string device)
    {
        EngineChoice choice = EngineChoice.Decide(EngineKind.Auto, device, s_gpus, Missing);

        Assert.Equal((ModelEngine.OpenVino, device), (choice.Engine, choice.Device));
        Assert.Equal("OpenVINO 2026.4.1 is there and has the device", choice.Reason);
        Assert.Null(choice.Warning);
    }

    [Theory]
    [InlineData("HETERO:FPGA,CPU", "CPU", "FPGA: OpenVINO gave up this device in 2020.4")]
    [InlineData("HETERO:FPGA,GPU,CPU", "CPU", "FPGA: OpenVINO gave up this device in 2020.4; GPU: libOpenCL.so.1: cannot open shared object file")]
    [InlineData("MULTI:MYRIAD,CPU", "CPU", "MYRIAD: OpenVINO gave up this device in 2023.0")]
    [InlineData("MULTI:GPU(4),CPU(2)", "CPU", "GPU: libOpenCL.so.1: cannot open shared object file")]
    [InlineData("AUTO:NPU,CPU", "CPU", "NPU: OpenVINO does not have this device")]
    public void Decide_ListWithAbsentDevices_LeavesThemOut(string device, string resolved, string reason)
    {
        EngineChoice choice = EngineChoice.Decide(EngineKind.OpenVino, device, s_cpuOnly, Missing);

        Assert.Equal((ModelEngine.OpenVino, resolved), (choice.Engine, choice.Device));
        Assert.Equal($"device {device}: left out is {reason}; {resolved} runs the model", choice.Warning);
    }

    [Fact]
    public void Decide_ListWithTwoLeft_StaysAList() =>
        Assert.Equal("HETERO:GPU.1,CPU", EngineChoice.Decide(EngineKind.Auto, "HETERO:FPGA,GPU.1,CPU", s_gpus, Missing).Device);

    [Theory]
    [InlineData(EngineKind.Auto, "GPU", "(GPU: libOpenCL.so.1: cannot open shared object file); there is: CPU")]
    [InlineData(EngineKind.OpenVino, "FPGA", "(FPGA: OpenVINO gave up this device in 2020.4); there is: CPU")]
    [InlineData(EngineKind.OpenVino, "HETERO:FPGA,MYRIAD", "there is: CPU")]
    public void Decide_NoDeviceIsThere_IsRefusedWithWhatThereIs(EngineKind kind, string device, string reason)
    {
        var exception = Assert.Throws<StreamStartException>(() => EngineChoice.Decide(kind, device, s_cpuOnly, Missing));

        Assert.StartsWith($"device {device} is not there (", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_OpenVinoWithoutItsCpu_IsOnnxRuntime()
    {
        OpenVinoState broken = State("GPU") with { WhyNot = static _ => "libopenvino_intel_cpu_plugin.so: cannot open shared object file" };

        EngineChoice choice = EngineChoice.Decide(EngineKind.Auto, "CPU", broken, Missing);

        Assert.Equal(ModelEngine.OnnxRuntime, choice.Engine);
        Assert.Contains("libopenvino_intel_cpu_plugin.so", choice.Reason, StringComparison.Ordinal);
        Assert.Throws<StreamStartException>(() => EngineChoice.Decide(EngineKind.OpenVino, "CPU", broken, Missing));
    }

    [Theory]
    [InlineData(EngineKind.Auto, "CPU", true)]
    [InlineData(EngineKind.Auto, "HETERO:GPU,CPU", true)]
    [InlineData(EngineKind.Auto, "AUTO", true)]
    [InlineData(EngineKind.Auto, "AUTO:-NPU", true)]
    [InlineData(EngineKind.Auto, "GPU", false)]
    [InlineData(EngineKind.OpenVino, "CPU", false)]
    public void Decide_OpenVino_FallsBackOnlyWhereTheCpuIsAllowedAndNobodyInsists(EngineKind kind, string device, bool falls) =>
        Assert.Equal(falls, EngineChoice.Decide(kind, device, s_gpus, Missing).Fallback is not null);

    [Theory]
    [InlineData("CPU", true)]
    [InlineData("AUTO:CPU", true)]
    [InlineData("MULTI:CPU(2)", true)]
    [InlineData("HETERO:FPGA,CPU", true)]
    [InlineData("AUTO:-GPU.0,-GPU.1,-NPU", true)]
    [InlineData("AUTO", false)]
    [InlineData("AUTO:-NPU", false)]
    [InlineData("MULTI:GPU,CPU", false)]
    [InlineData("GPU", false)]
    public void Decide_MachineWithOtherDevices_KnowsWhetherTheyCanRunTheModel(string device, bool isCpuOnly) =>
        Assert.Equal(isCpuOnly, EngineChoice.Decide(EngineKind.OpenVino, device, s_gpus, Missing).IsCpuOnly);

    [Theory]
    [InlineData("AUTO")]
    [InlineData("AUTO:-NPU")]
    [InlineData("HETERO:GPU,CPU")]
    public void Decide_MachineWithACpuAlone_RunsTheModelOnThat(string device) =>
        Assert.True(EngineChoice.Decide(EngineKind.OpenVino, device, s_cpuOnly, Missing).IsCpuOnly);

    [Fact]
    public void Decide_OnnxRuntime_RunsOnTheCpuAlone() =>
        Assert.True(EngineChoice.Decide(EngineKind.Auto, "AUTO", openVino: null, Missing).IsCpuOnly);

    [Fact]
    public void Decide_Cpu_LeavesDriversOfOtherDevicesAlone()
    {
        var state = new OpenVinoState("2026.4.1", new Lazy<IReadOnlyList<string>>(static () => throw new InvalidOperationException("asked for all devices")), static _ => null);

        Assert.Equal("CPU", EngineChoice.Decide(EngineKind.Auto, "CPU", state, Missing).Device);
    }

    private static OpenVinoState State(params string[] devices) => new("2026.4.1", new Lazy<IReadOnlyList<string>>(devices), device => device switch
    {
        "GPU" when !devices.Contains("GPU.0") => "libOpenCL.so.1: cannot open shared object file",
        _ => null,
    });
}
