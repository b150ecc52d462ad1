namespace EdgeInference.Service.Engines;

/// <summary>What to do about an engine or a device that is not there.</summary>
internal static class MissingDevice
{
    public const string InstallOpenVino =
        "Install OpenVINO 2023.2 or newer: the package openvino of Intel's apt or yum repository (https://docs.openvino.ai/install), "
        + "or pip install openvino and set EdgeInference:OpenVino:Library to its folder openvino/libs.";

    private const string RenderDevices = "/dev/dri";
    private const string NpuDevices = "/dev/accel";

    /// <param name="device">GPU or NPU.</param>
    /// <param name="reason">Why OpenVINO cannot use it, in its own words.</param>
    /// <param name="folderExists">Whether there is a folder.</param>
    public static InstalledDevice Explain(string device, string? reason, Func<string, bool> folderExists)
    {
        (string problem, string? remedy) = device == "GPU" ? ExplainGpu(reason ?? "", folderExists) : ExplainNpu(reason ?? "", folderExists);
        return new InstalledDevice(device, null, [], problem, remedy);
    }

    private static (string Problem, string? Remedy) ExplainGpu(string reason, Func<string, bool> folderExists)
    {
        if (!folderExists(RenderDevices))
            return ($"this machine shows no GPU ({RenderDevices} is not there)", null);
        if (IsUnregistered(reason))
            return ("OpenVINO's plugin for it is not installed", "Install it: the package libopenvino-intel-gpu-plugin of the same version.");
        return reason.Contains("libOpenCL", StringComparison.Ordinal)
            ? (reason, "Install the GPU's OpenCL driver: the package intel-opencl-icd.")
            : (Reason(reason), $"Allow the service to use {RenderDevices}/renderD*: its user must be in the group render.");
    }

    private static (string Problem, string? Remedy) ExplainNpu(string reason, Func<string, bool> folderExists)
    {
        if (!folderExists(NpuDevices))
            return ($"this machine shows no NPU ({NpuDevices} is not there)", null);
        if (IsUnregistered(reason))
            return ("OpenVINO's plugin for it is not installed", "Install it: the package libopenvino-intel-npu-plugin of the same version.");
        return reason.Contains("libze_loader", StringComparison.Ordinal)
            ? (reason, "Install the loader of drivers: the package level-zero.")
            : (Reason(reason), $"Allow the service to use {NpuDevices}/accel*: its user must be in the group render. If it is, install the NPU's driver: the package intel-level-zero-npu.");
    }

    private static bool IsUnregistered(string reason) => reason.Contains("is not registered", StringComparison.Ordinal);

    private static string Reason(string reason) => reason.Length > 0 ? reason : "OpenVINO does not say why";
}
