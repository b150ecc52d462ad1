using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Convolution")]
internal sealed class Convolution : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value weights = layer.Input(1);
        if (weights.Rank < 3 || !weights.IsStatic)
            throw new LayerException($"weights of shape {Shapes.Describe(weights.Shape)} are not supported");
        Window window = OpsetWindow.ForConvolution(layer, x.Shape, [.. weights.Shape.Skip(2)]);
        return [graph.Convolution(x, weights, null, window, groups: 1)];
    }
}
