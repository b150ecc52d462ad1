using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Quantization;

/// <summary>A FakeQuantize layer in the graph: no ONNX operation, but replaced by some before the graph is written.</summary>
internal sealed class FakeQuantizeNode(Value x, QuantizationRange range, Value output)
    : Node("FakeQuantize", [x], [output], [])
{
    public QuantizationRange Range { get; } = range;

    /// <summary>The lowest level in use, counted from the low bound; above 0 where a clip before the layer went into it.</summary>
    public int FirstLevel { get; set; }

    /// <summary>The highest level in use.</summary>
    public int LastLevel { get; set; } = range.Levels - 1;

    /// <summary>The highest level in use of each channel where they differ; only with a range of whole numbers.</summary>
    public int[]? ChannelLastLevels { get; init; }
}
