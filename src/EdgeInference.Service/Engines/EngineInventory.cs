using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Native.OpenVino;

namespace EdgeInference.Service.Engines;

/// <summary>An engine on this machine.</summary>
/// <param name="Name">OpenVINO or ONNX Runtime.</param>
/// <param name="Version">Its version; null where it is not there.</param>
/// <param name="Path">Its library's file; null where it is not there.</param>
/// <param name="Devices">Its devices, those that cannot be used last.</param>
/// <param name="Problem">Why it is not there; null where it is.</param>
/// <param name="Remedy">The one thing to do about that.</param>
internal sealed record InstalledEngine(
    string Name, string? Version, string? Path, IReadOnlyList<InstalledDevice> Devices, string? Problem = null, string? Remedy = null);

/// <summary>A device of an engine.</summary>
/// <param name="Name">As in the option Device.</param>
/// <param name="FullName">For people; null where it cannot be used.</param>
/// <param name="Precisions">In which numbers it computes.</param>
/// <param name="Problem">Why it cannot be used; null where it can.</param>
/// <param name="Remedy">The one thing to do about that; null where there is nothing to be done.</param>
internal sealed record InstalledDevice(
    string Name, string? FullName, IReadOnlyList<string> Precisions, string? Problem = null, string? Remedy = null);

/// <summary>Lists the engines of this machine, their devices, and what is missing.</summary>
internal static class EngineInventory
{
    private static readonly string[] s_accelerators = ["GPU", "NPU"];

    public static IReadOnlyList<InstalledEngine> List(OpenVinoEngineFactory openVino, OnnxRuntimeEngineFactory onnxRuntime) =>
        [ListOpenVino(openVino), ListOnnxRuntime(onnxRuntime)];

    private static InstalledEngine ListOpenVino(OpenVinoEngineFactory factory)
    {
        try
        {
            OpenVinoRuntime runtime = factory.Open();
            IReadOnlyList<OpenVinoDevice> devices = runtime.Devices;
            return new InstalledEngine("OpenVINO", runtime.Version, runtime.Path,
            [
                .. devices.Select(static device => new InstalledDevice(device.Name, device.FullName, device.Precisions)),
                .. s_accelerators
                    .Where(name => !devices.Any(device => device.Name == name || device.Name.StartsWith(name + ".", StringComparison.Ordinal)))
                    .Select(name => MissingDevice.Explain(name, runtime.WhyNot(name), Directory.Exists)),
            ]);
        }
        catch (InferenceException exception)
        {
            return new InstalledEngine("OpenVINO", null, null, [], exception.Message, MissingDevice.InstallOpenVino);
        }
    }

    private static InstalledEngine ListOnnxRuntime(OnnxRuntimeEngineFactory factory)
    {
        try
        {
            (string version, string path) = factory.Open();
            return new InstalledEngine("ONNX Runtime", version, path, [new InstalledDevice("CPU", "this processor", ["FP32", "INT8"])]);
        }
        catch (InferenceException exception)
        {
            return new InstalledEngine("ONNX Runtime", null, null, [], exception.Message, "It comes with EdgeInference, beside the program: install that again.");
        }
    }
}
