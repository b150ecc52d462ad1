using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Weights are [outputs, inputs / group, kernel…].</summary>
[LegacyLayer("Convolution")]
internal sealed class Convolution : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Window window = LegacyWindow.Read(layer, x.Shape);
        var channels = ConvolutionChannels.Read(layer, x);
        Value weights = LegacyWeights.Weights(layer, graph, [channels.Outputs, channels.Inputs / channels.Groups, .. window.Kernel]);
        return [graph.Convolution(x, weights, LegacyWeights.Biases(layer, graph, channels.Outputs), window, channels.Groups)];
    }
}
