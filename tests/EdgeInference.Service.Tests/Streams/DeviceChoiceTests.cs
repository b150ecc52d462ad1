using EdgeInference.Service.Streams;

namespace EdgeInference.Service.Tests.Streams;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("CPU")]
    [InlineData("cpu")]
    public void OnCpuOnly_Cpu_IsQuiet(string device) => Assert.Null(DeviceChoice.OnCpuOnly(device));

    [Theory]
    [InlineData("HETERO:FPGA,CPU")]
    [InlineData("MULTI:GPU,CPU")]
    [InlineData("AUTO")]
    [InlineData("AUTO:GPU")]
    public void OnCpuOnly_ListThatAllowsTheCpu_Warns(string device) =>
        Assert.Contains(device, DeviceChoice.OnCpuOnly(device), StringComparison.Ordinal);

    [Theory]
    [InlineData("GPU")]
    [InlineData("MYRIAD")]
    [InlineData("FOO")]
    [InlineData("HETERO:FPGA,GPU")]
    public void OnCpuOnly_OtherDevice_IsRefusedWithWhatThereIs(string device)
    {
        var exception = Assert.Throws<StreamStartException>(() => DeviceChoice.OnCpuOnly(device));

        Assert.Contains(device, exception.Message, StringComparison.Ordinal);
        Assert.Contains("CPU", exception.Message, StringComparison.Ordinal);
    }
}
