using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Quantization;

/// <summary>A FakeQuantize layer in the graph: no ONNX operation, but replaced by some before the graph is written.</summary>
internal sealed class FakeQuantizeNode(Value x, QuantizationRange range, Value output)
    : Node("FakeQuantize", [x], [output], [])
{
    public QuantizationRange Range { get; } = range;
}
