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
        long[] merged = [batch, BlockSizes.Multiply(channels, checked(stride * stride)), BlockSizes.Divide(height, stride), BlockSizes.Divide(width, stride)];
        long[] split = [batch, BlockSizes.Divide(channels, stride * stride), height, stride, width, stride];
        return [graph.Rearrange(x, split, [0, 3, 5, 1, 2, 4], merged)];
    }
}
