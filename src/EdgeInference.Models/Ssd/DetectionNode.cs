using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>A DetectionOutput layer in the graph: no ONNX operation, but run by us on what the engine computes.</summary>
internal sealed class DetectionNode(DetectionLayer layer, IEnumerable<Value> inputs, Value output)
    : Node("DetectionOutput", inputs, [output], [])
{
    /// <summary>The layer as the file has it.</summary>
    public DetectionLayer Layer { get; } = layer;
}
