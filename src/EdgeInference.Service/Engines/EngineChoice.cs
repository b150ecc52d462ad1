using EdgeInference.Models;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.Engines;

/// <summary>What OpenVINO is on this machine.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Devices">The devices that it can use; asking loads the drivers of all of them.</param>
/// <param name="WhyNot">Why it cannot use a device, in its own words; null where it can.</param>
internal sealed record OpenVinoState(string Version, Lazy<IReadOnlyList<string>> Devices, Func<string, string?> WhyNot)
{
    public string List => $"there is: {string.Join(", ", Devices.Value)}";

    /// <summary>For the CPU, drivers of other devices are left alone.</summary>
    public bool Has(string device) => device == "CPU"
        ? WhyNot(device) is null
        : Devices.Value.Any(known => known == device || known.StartsWith(device + ".", StringComparison.Ordinal) || device == known + ".0");
}

/// <summary>The engine and the device that run a stream's model.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Device">The device string for it.</param>
/// <param name="Reason">Why this one, for the log.</param>
internal sealed record EngineChoice(ModelEngine Engine, string Device, string Reason)
{
    /// <summary>The engine's name, for people.</summary>
    public string Name => Engine == ModelEngine.OpenVino ? "OpenVINO" : "ONNX Runtime";

    /// <summary>Whether nothing but the CPU can run the model.</summary>
    public bool IsCpuOnly { get; init; } = Engine == ModelEngine.OnnxRuntime;

    /// <summary>What of the configuration cannot be as written; null for nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>What runs a model that the engine refuses; null for nothing.</summary>
    public EngineChoice? Fallback { get; init; }

    /// <summary>Chooses by what is asked for and what there is.</summary>
    /// <param name="kind">The engine asked for.</param>
    /// <param name="device">The device string asked for.</param>
    /// <param name="openVino">What OpenVINO there is; null for none.</param>
    /// <param name="missing">Why there is none.</param>
    /// <exception cref="StreamStartException">No engine is as asked for, with a device that is.</exception>
    public static EngineChoice Decide(EngineKind kind, string device, OpenVinoState? openVino, string missing)
    {
        DeviceString asked = DeviceString.Parse(device);
        if (kind == EngineKind.OnnxRuntime)
            return OnOnnxRuntime(asked, "as configured", "accelerators need OpenVINO (Model:Engine)");
        if (openVino is null)
        {
            return kind == EngineKind.Auto
                ? OnOnnxRuntime(asked, missing, $"accelerators need OpenVINO ({missing}; edge-inference devices says more)")
                : throw new StreamStartException($"engine OpenVINO: {missing}; edge-inference devices says more");
        }

        (string? resolved, string problem) = Resolve(asked, openVino);
        if (resolved is null)
        {
            return kind == EngineKind.Auto && asked.AllowsCpu
                ? OnOnnxRuntime(asked, problem, problem)
                : throw new StreamStartException(problem);
        }

        return new EngineChoice(ModelEngine.OpenVino, resolved, kind == EngineKind.OpenVino ? "as configured" : $"OpenVINO {openVino.Version} is there and has the device")
        {
            IsCpuOnly = DeviceString.Parse(resolved).IsCpuOnly(openVino.Devices),
            Warning = problem.Length > 0 ? $"{problem}; {resolved} runs the model" : null,
            Fallback = kind == EngineKind.Auto && asked.AllowsCpu ? new EngineChoice(ModelEngine.OnnxRuntime, "CPU", "OpenVINO refuses the model") : null,
        };
    }

    private static EngineChoice OnOnnxRuntime(DeviceString asked, string reason, string whyOnly)
    {
        if (asked is { Mode: null, Entries: ["CPU"] })
            return new EngineChoice(ModelEngine.OnnxRuntime, "CPU", reason);
        return asked.AllowsCpu
            ? new EngineChoice(ModelEngine.OnnxRuntime, "CPU", reason) { Warning = $"device {asked}: ONNX Runtime runs the model on the CPU; {whyOnly}" }
            : throw new StreamStartException($"device {asked} is not there; there is: CPU; {whyOnly}");
    }

    /// <summary>Leaves devices that are not there out of a list.</summary>
    /// <returns>The device string for OpenVINO, null where nothing is left; and what is not there, empty for nothing.</returns>
    private static (string? Resolved, string Problem) Resolve(DeviceString asked, OpenVinoState openVino)
    {
        string[] absent = [.. asked.Entries.Where(entry => DeviceString.DeviceOf(entry) is { } device && !openVino.Has(device))];
        if (absent.Length == 0)
            return (asked.ToString(), "");
        string reasons = string.Join("; ", absent.Select(entry => $"{DeviceString.DeviceOf(entry)}: {WhyAbsent(DeviceString.DeviceOf(entry)!, openVino)}"));
        string[] left = [.. asked.Entries.Except(absent, StringComparer.Ordinal)];
        if (asked.Mode is null || !left.Any(static entry => DeviceString.DeviceOf(entry) is not null))
            return (null, $"device {asked} is not there ({reasons}); {openVino.List}");
        return (left is [var only] ? DeviceString.DeviceOf(only) : (asked with { Entries = left }).ToString(), $"device {asked}: left out is {reasons}");
    }

    private static string WhyAbsent(string device, OpenVinoState openVino) => device switch
    {
        "FPGA" => "OpenVINO gave up this device in 2020.4",
        "MYRIAD" => "OpenVINO gave up this device in 2023.0",
        _ => openVino.WhyNot(device) ?? "OpenVINO does not have this device",
    };
}
