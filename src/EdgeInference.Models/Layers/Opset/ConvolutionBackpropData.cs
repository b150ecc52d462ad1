using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Transposed convolution. Weights are [inputs, outputs, kernel…], with groups [groups, inputs / group, outputs / group,
/// kernel…]. A third input gives the sizes of the result.
/// </summary>
[OpsetLayer("ConvolutionBackpropData")]
[OpsetLayer("GroupConvolutionBackpropData")]
internal sealed class ConvolutionBackpropData : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        OpsetKernel kernel = OpsetKernel.Read(layer, graph);
        long[]? sizes = layer.Inputs.Count > 2 ? layer.ConstantInts(2) : null;
        TransposedWindow window = OpsetWindow.ForTransposedConvolution(layer, x.Shape, kernel.Sizes, sizes);
        return [graph.TransposedConvolution(x, kernel.Weights, null, window, kernel.Groups)];
    }
}
