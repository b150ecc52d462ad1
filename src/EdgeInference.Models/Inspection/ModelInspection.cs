using EdgeInference.Inference;
using EdgeInference.Models.Onnx;

namespace EdgeInference.Models.Inspection;

/// <summary>What can be said of a model file, whether or not it can be run.</summary>
public sealed record ModelInspection
{
    public required string Name { get; init; }

    /// <summary>For people: "IR v11, FP16".</summary>
    public required string Format { get; init; }

    /// <summary>The inputs, with the shapes given for open ones.</summary>
    public required IReadOnlyList<TensorInfo> Inputs { get; init; }

    public required IReadOnlyList<TensorInfo> Outputs { get; init; }

    /// <summary>The indices into <see cref="Outputs"/> that this program decodes itself.</summary>
    public IReadOnlyList<int> DetectionOutputs { get; init; } = [];

    /// <summary>The layers of the file by type, the most frequent first.</summary>
    public required IReadOnlyList<LayerCount> Layers { get; init; }

    /// <summary>The layers of types that are not known, in the file's order.</summary>
    public IReadOnlyList<UnsupportedType> Unsupported { get; init; } = [];

    /// <summary>Why the model cannot be run; null when it can.</summary>
    public string? Refusal { get; init; }

    /// <summary>What a run takes; null when the model cannot be run.</summary>
    public GraphCost? Cost { get; init; }

    /// <summary>How the engine computes the convolutions; null when the model cannot be run.</summary>
    public KernelCensus? Kernels { get; init; }

    /// <summary>Bytes of the weights in the file.</summary>
    public required long StoredWeightBytes { get; init; }

    /// <summary>Bytes of the weights as the engine gets them.</summary>
    public long? RunWeightBytes { get; init; }

    /// <summary>For reading and translating the file.</summary>
    public TimeSpan? ReadTime { get; init; }

    /// <summary>For optimising and compiling it.</summary>
    public TimeSpan? LoadTime { get; init; }
}

/// <param name="Type">The layer type, or the ONNX operator with its domain.</param>
/// <param name="Version">"opset8"; empty in legacy files.</param>
/// <param name="Count">How many.</param>
public sealed record LayerCount(string Type, string Version, int Count);

/// <param name="Type">The layer type.</param>
/// <param name="Layers">The names of the layers of that type.</param>
public sealed record UnsupportedType(string Type, IReadOnlyList<string> Layers);
