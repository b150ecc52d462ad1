namespace EdgeInference.Service.Streams;

/// <summary>What becomes of a device string on an engine that has only the CPU.</summary>
internal static class DeviceChoice
{
    /// <returns>A warning when another device than asked for runs the model; null when there is none.</returns>
    /// <exception cref="StreamStartException">The string allows no device that is there.</exception>
    public static string? OnCpuOnly(string device)
    {
        string[] parts = device.ToUpperInvariant().Split([':', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["CPU"])
            return null;
        if (parts.Contains("CPU") || parts is ["AUTO", ..])
            return $"device {device}: ONNX Runtime runs the model on the CPU; accelerators need OpenVINO, which this version does not use yet";
        throw new StreamStartException($"device {device} is not there; there is: CPU");
    }
}
