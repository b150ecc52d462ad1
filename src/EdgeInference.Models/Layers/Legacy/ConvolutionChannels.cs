using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>The channels of a legacy convolution.</summary>
internal sealed record ConvolutionChannels(long Inputs, long Outputs, long Groups)
{
    public static ConvolutionChannels Read(LayerSource layer, Value x)
    {
        var channels = new ConvolutionChannels(x.Shape[1], layer.Int("output"), layer.Int("group", 1));
        if (channels.Outputs < 1 || channels.Groups < 1 || channels.Inputs < 1 || channels.Inputs % channels.Groups != 0 || channels.Outputs % channels.Groups != 0)
            throw new LayerException($"{channels.Outputs} outputs and {channels.Groups} groups do not fit {Shapes.Describe([channels.Inputs])} channels");
        return channels;
    }
}
