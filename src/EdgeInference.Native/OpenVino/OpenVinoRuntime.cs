using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>A device that OpenVINO can use.</summary>
/// <param name="Name">As in a device string: CPU, GPU, GPU.1.</param>
/// <param name="FullName">For people; <paramref name="Name"/> where the device has no other.</param>
/// <param name="Precisions">Its OPTIMIZATION_CAPABILITIES, such as FP32, FP16 and INT8.</param>
public sealed record OpenVinoDevice(string Name, string FullName, IReadOnlyList<string> Precisions);

/// <summary>The OpenVINO that was found, loaded until the process ends. Thread-safe.</summary>
public sealed class OpenVinoRuntime
{
    internal OpenVinoRuntime(OvApi api, OvCoreHandle core, OvElementTypes elementTypes)
    {
        Api = api;
        Core = core;
        ElementTypes = elementTypes;
    }

    /// <summary>The library's file.</summary>
    public string Path => Api.Path;

    /// <summary>Such as 2026.4.1.</summary>
    public string Version => Api.Version;

    /// <summary>The devices that can be used now: asked anew each time, which takes a while the first time.</summary>
    /// <exception cref="InferenceException">OpenVINO cannot tell.</exception>
    public IReadOnlyList<OpenVinoDevice> Devices => [.. DeviceNames.Select(DeviceOf)];

    /// <summary>The names of <see cref="Devices"/>.</summary>
    /// <exception cref="InferenceException">OpenVINO cannot tell.</exception>
    public IReadOnlyList<string> DeviceNames => OvProperties.AvailableDevices(Api, Core);

    internal OvApi Api { get; }

    internal OvCoreHandle Core { get; }

    internal OvElementTypes ElementTypes { get; }

    /// <summary>OpenVINO's own reason, in one line, why a device (one, such as GPU or GPU.1) cannot be used; null when it can.</summary>
    public string? WhyNot(string device)
    {
        _ = OvProperties.Find(Api, Core, device, "FULL_DEVICE_NAME", out string? reason);
        return reason;
    }

    private OpenVinoDevice DeviceOf(string name)
    {
        string? fullName = OvProperties.Find(Api, Core, name, "FULL_DEVICE_NAME", out _);
        string? capabilities = OvProperties.Find(Api, Core, name, "OPTIMIZATION_CAPABILITIES", out _);
        return new OpenVinoDevice(
            name,
            fullName is { Length: > 0 } ? fullName : name,
            (capabilities ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
