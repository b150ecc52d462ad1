namespace EdgeInference.Service.Options;

/// <summary>The OpenVINO that is found on the machine.</summary>
public sealed class OpenVinoOptions
{
    /// <summary>Its library libopenvino_c.so, or a folder that it is in, such as openvino/libs of a Python installation. Default: $EDGEINFERENCE_OPENVINO, else where `edge-inference devices` says.</summary>
    public string? Library { get; set; }
}
