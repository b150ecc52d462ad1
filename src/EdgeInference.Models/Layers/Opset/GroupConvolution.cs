using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Weights are [groups, outputs / group, inputs / group, kernel…].</summary>
[OpsetLayer("GroupConvolution")]
internal sealed class GroupConvolution : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value weights = layer.Input(1);
        if (weights.Rank < 4 || !weights.IsStatic)
            throw new LayerException($"weights of shape {Shapes.Describe(weights.Shape)} are not supported");
        long groups = weights.Shape[0];
        long[] kernel = [.. weights.Shape.Skip(3)];
        Value merged = graph.Reshape(weights, [checked(groups * weights.Shape[1]), weights.Shape[2], .. kernel]);
        return [graph.Convolution(x, merged, null, OpsetWindow.ForConvolution(layer, x.Shape, kernel), groups)];
    }
}
