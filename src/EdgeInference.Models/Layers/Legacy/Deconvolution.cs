using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Transposed convolution; weights are [inputs, outputs / group, kernel…].</summary>
[LegacyLayer("Deconvolution")]
internal sealed class Deconvolution : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        TransposedWindow window = LegacyWindow.ReadTransposed(layer, x.Shape);
        var channels = ConvolutionChannels.Read(layer, x);
        Value weights = LegacyWeights.Weights(layer, graph, [channels.Inputs, channels.Outputs / channels.Groups, .. window.Window.Kernel]);
        return [graph.TransposedConvolution(x, weights, LegacyWeights.Biases(layer, graph, channels.Outputs), window, channels.Groups)];
    }
}
