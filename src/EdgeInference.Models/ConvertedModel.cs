using EdgeInference.Inference;

namespace EdgeInference.Models;

/// <summary>An IR as an .onnx file.</summary>
public sealed class ConvertedModel
{
    /// <summary>The file.</summary>
    public required ReadOnlyMemory<byte> Onnx { get; init; }

    /// <summary>The version of ONNX's operators that the file needs.</summary>
    public required long Opset { get; init; }

    public required IReadOnlyList<TensorInfo> Inputs { get; init; }

    /// <summary>What the graph in the file puts out.</summary>
    public required IReadOnlyList<TensorInfo> Outputs { get; init; }

    /// <summary>The DetectionOutput layers that are in the file's metadata instead of its graph.</summary>
    public required IReadOnlyList<string> DetectionOutputs { get; init; }
}
