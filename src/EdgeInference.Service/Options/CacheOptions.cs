using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Service.Options;

/// <summary>Where models are kept as they were optimised, so that the next start is faster.</summary>
public sealed class CacheOptions
{
    /// <summary>Whether models are kept. Without, each start translates and optimises them again.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The folder; several services may share it, and OpenVINO has its own files in openvino below it. Default: systemd's $CACHE_DIRECTORY, else edge-inference in $XDG_CACHE_HOME or ~/.cache. Whoever can write there can change what the service computes.</summary>
    public string? Directory { get; set; }

    /// <summary>Size of all models kept for ONNX Runtime together, in megabytes; beyond it, those unused for longest go. OpenVINO sets no limit to its own.</summary>
    [Range(1, 1 << 20)]
    public int LimitMegabytes { get; set; } = 512;
}
