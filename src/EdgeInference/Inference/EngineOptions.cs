namespace EdgeInference.Inference;

/// <summary>What an engine needs to know beside the model.</summary>
public sealed record EngineOptions
{
    /// <summary>Device string as in OpenVINO: CPU, GPU, AUTO, HETERO:GPU,CPU. ONNX Runtime takes no notice of it.</summary>
    public string Device { get; init; } = "CPU";

    /// <summary>What the device is set up for.</summary>
    public PerformanceHint Performance { get; init; }

    /// <summary>In which numbers the device computes. ONNX Runtime takes no notice of it.</summary>
    public InferencePrecision Precision { get; init; }

    /// <summary>ONNX Runtime: threads that one request uses; 0 is 1, or all processors for <see cref="PerformanceHint.Latency"/>.</summary>
    public int ThreadsPerRequest { get; init; }

    /// <summary>OpenVINO on the CPU: threads of all requests together; 0 is its own choice.</summary>
    public int Threads { get; init; }

    /// <summary>A folder where OpenVINO keeps compiled models; null for none.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>
    /// A file that ONNX Runtime writes the graph to as it has optimised it for this processor, its own operators included;
    /// null for none. Other engines write nothing.
    /// </summary>
    public string? OptimizedModelPath { get; init; }
}

/// <summary>What a device is set up for, as OpenVINO's PERFORMANCE_HINT.</summary>
public enum PerformanceHint
{
    /// <summary>The most frames a second, with several in flight.</summary>
    Throughput,

    /// <summary>The shortest time for each frame, one at a time.</summary>
    Latency,
}

/// <summary>In which numbers a device computes, as OpenVINO's INFERENCE_PRECISION_HINT.</summary>
public enum InferencePrecision
{
    /// <summary>As the device likes best.</summary>
    Auto,

    /// <summary>32-bit floats, as the model file says.</summary>
    F32,

    /// <summary>Brain floats of 16 bits.</summary>
    Bf16,

    /// <summary>Half floats of 16 bits.</summary>
    F16,
}
