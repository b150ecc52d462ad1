using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>The weights and biases of a legacy layer: its own, or since version 6 the inputs after the first.</summary>
internal static class LegacyWeights
{
    public static Value Weights(LayerSource layer, GraphBuilder graph, long[] shape) =>
        layer.Inputs.Count > 1 ? graph.Reshape(layer.Input(1), shape) : graph.Constant(layer.Blob("weights", shape));

    /// <summary>One number for each output; null where there is none.</summary>
    public static Value? Biases(LayerSource layer, GraphBuilder graph, long outputs)
    {
        if (layer.Inputs.Count > 2)
            return graph.Reshape(layer.Input(2), [outputs]);
        return layer.Blob("biases") is null ? null : graph.Constant(layer.Blob("biases", [outputs]));
    }
}
