using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Native.OpenVino;
using EdgeInference.Publishing.Tests.Mqtt;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Engines;
using EdgeInference.Service.Options;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Service.Tests.Engines;

public sealed class EngineLoaderTests
{
    private readonly RecordingLogger<EngineLoader> _log = new();
    private readonly EngineLoader _loader;

    public EngineLoaderTests() => _loader = new EngineLoader(
        new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance),
        new OpenVinoEngineFactory(NullLogger<OpenVinoEngineFactory>.Instance, "/nowhere"),
        cache: null,
        _log);

    [Fact]
    public void Choose_AgainAtAReload_SaysNothingThatWasSaid()
    {
        ConfiguredStream stream = Stream("line1", "HETERO:FPGA,CPU");

        _loader.Choose(stream);
        string[] said = [.. _log.Lines.Select(static line => line.Message)];
        _loader.Choose(stream);

        Assert.Equal(3, said.Length);
        Assert.StartsWith("line1: engine ONNX Runtime on CPU: OpenVINO cannot be used: /nowhere", said[0], StringComparison.Ordinal);
        Assert.StartsWith("line1: device HETERO:FPGA,CPU: ", said[1], StringComparison.Ordinal);
        Assert.StartsWith("line1: PARAM_CPU_EXTENSION_PATH=/opt/extension.so is ignored: ", said[2], StringComparison.Ordinal);
        Assert.Equal(said.Length, _log.Lines.Count);
    }

    [Fact]
    public void Choose_OtherStreamOrOtherDevice_SaysWhatIsNew()
    {
        _loader.Choose(Stream("line1", "HETERO:FPGA,CPU"));
        _loader.Choose(Stream("line2", "HETERO:FPGA,CPU"));
        _loader.Choose(Stream("line1", "CPU"));
        _loader.Choose(Stream("line1", "HETERO:FPGA,CPU"));

        Assert.Equal(
            ["line1", "line2", "line1"],
            _log.Lines.Where(static line => line.Level == LogLevel.Warning && line.Message.Contains("FPGA", StringComparison.Ordinal)).Select(static line => line.Message[..5]));
    }

    private static ConfiguredStream Stream(string name, string device) =>
        new(new StreamOptions { Name = name, Model = { Device = device } }, new Dictionary<string, string>()) { ParamCpuExtension = "/opt/extension.so" };
}
