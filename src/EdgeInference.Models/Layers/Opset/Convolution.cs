using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Weights are [outputs, inputs, kernel…], with groups [groups, outputs / group, inputs / group, kernel…].</summary>
[OpsetLayer("Convolution")]
[OpsetLayer("GroupConvolution")]
internal sealed class Convolution : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        OpsetKernel kernel = OpsetKernel.Read(layer, graph);
        return [graph.Convolution(x, kernel.Weights, null, OpsetWindow.ForConvolution(layer, x.Shape, kernel.Sizes), kernel.Groups)];
    }
}
