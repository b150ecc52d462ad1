using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>The channels of a legacy convolution, and its weights: the layer's own, or since version 6 a second input.</summary>
internal sealed record ConvolutionChannels(long Inputs, long Outputs, long Groups)
{
    public static ConvolutionChannels Read(LayerSource layer, Value x)
    {
        var channels = new ConvolutionChannels(x.Shape[1], layer.Int("output"), layer.Int("group", 1));
        if (channels.Outputs < 1 || channels.Groups < 1 || channels.Inputs < 1 || channels.Inputs % channels.Groups != 0 || channels.Outputs % channels.Groups != 0)
            throw new LayerException($"{channels.Outputs} outputs and {channels.Groups} groups do not fit {Shapes.Describe([channels.Inputs])} channels");
        return channels;
    }

    public static Value Weights(LayerSource layer, GraphBuilder graph, long[] shape) =>
        layer.Inputs.Count > 1 ? graph.Reshape(layer.Input(1), shape) : graph.Constant(layer.Blob("weights", shape));

    /// <summary>Null where there is none.</summary>
    public Value? Bias(LayerSource layer, GraphBuilder graph)
    {
        if (layer.Inputs.Count > 2)
            return graph.Reshape(layer.Input(2), [Outputs]);
        return layer.Blob("biases") is null ? null : graph.Constant(layer.Blob("biases", [Outputs]));
    }
}
