using EdgeInference.Service.Engines;

namespace EdgeInference.Service.Tests.Engines;

public sealed class MissingDeviceTests
{
    [Theory]
    [InlineData("GPU", "dlopen: libOpenCL.so.1: cannot open shared object file", "intel-opencl-icd")]
    [InlineData("GPU", "Device with \"GPU\" name is not registered in the OpenVINO Runtime", "libopenvino-intel-gpu-plugin")]
    [InlineData("GPU", "[GPU] No matched device found", "group render")]
    [InlineData("NPU", "Device with \"NPU\" name is not registered in the OpenVINO Runtime", "libopenvino-intel-npu-plugin")]
    [InlineData("NPU", "dlopen: libze_loader.so.1: cannot open shared object file", "the package level-zero.")]
    [InlineData("NPU", "No available backend", "group render")]
    [InlineData("NPU", "No available backend", "intel-level-zero-npu")]
    public void Explain_HardwareIsThere_NamesWhatToDo(string device, string reason, string remedy)
    {
        InstalledDevice missing = MissingDevice.Explain(device, reason, static _ => true);

        Assert.Equal(device, missing.Name);
        Assert.NotEmpty(missing.Problem!);
        Assert.Contains(remedy, missing.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(" and ", missing.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GPU", "/dev/dri")]
    [InlineData("NPU", "/dev/accel")]
    public void Explain_NoHardware_AsksForNothing(string device, string folder)
    {
        InstalledDevice missing = MissingDevice.Explain(device, "whatever OpenVINO says", static _ => false);

        Assert.Contains(folder, missing.Problem, StringComparison.Ordinal);
        Assert.Null(missing.Remedy);
    }
}
