using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// Darknet's reorganisation. It runs the other way round than its result's shape suggests: the input is seen as
/// [N, C / s², H s, W s], blocks of s x s cells become channels, and what comes out is seen as [N, C s², H / s, W / s].
/// </summary>
[OpsetLayer("ReorgYolo")]
[LegacyLayer("ReorgYolo")]
internal sealed class ReorgYolo : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        if (x.Rank != 4)
            throw new LayerException($"input {Shapes.Describe(x.Shape)} is not an image with four dimensions");
        long stride = layer.Int("stride");
        (long batch, long channels, long height, long width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        long[] merged = [batch, Shapes.Multiply(channels, checked(stride * stride)), Shapes.Divide(height, stride), Shapes.Divide(width, stride)];
        Value wide = graph.Reshape(x, [batch, Shapes.Divide(channels, stride * stride), Shapes.Multiply(height, stride), Shapes.Multiply(width, stride)]);
        return [graph.Reshape(graph.SpaceToDepth(wide, [stride, stride]), merged)];
    }
}
