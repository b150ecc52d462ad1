namespace EdgeInference.Service.Engines;

/// <summary>Which engine runs a model.</summary>
public enum EngineKind
{
    /// <summary>OpenVINO where it is installed and has the device, else ONNX Runtime.</summary>
    Auto,

    /// <summary>ONNX Runtime, which comes with the service and runs on the CPU.</summary>
    OnnxRuntime,

    /// <summary>OpenVINO, which is found on the machine.</summary>
    OpenVino,
}
