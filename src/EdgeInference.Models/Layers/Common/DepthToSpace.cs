using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// Moves channels into blocks of block_size cells along each spatial axis. With "blocks_first" the place in the block is
/// the outer part of the channel number, with "depth_first" the inner part.
/// </summary>
[OpsetLayer("DepthToSpace")]
[LegacyLayer("DepthToSpace")]
internal sealed class DepthToSpace : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        SpaceBlocks blocks = SpaceBlocks.Read(layer);
        long channels = BlockSizes.Divide(x.Shape[1], blocks.Volume);
        long[] space = [.. x.Shape.Skip(2)];
        long[] split = blocks.First ? [x.Shape[0], .. blocks.Sizes, channels, .. space] : [x.Shape[0], channels, .. blocks.Sizes, .. space];
        long[] order = [0, blocks.ChannelAxis, .. Enumerable.Range(0, space.Length).SelectMany(i => new long[] { space.Length + 2 + i, blocks.FirstAxis + i })];
        long[] merged = [x.Shape[0], channels, .. space.Select(size => BlockSizes.Multiply(size, blocks.Size))];
        return [graph.Rearrange(x, split, order, merged)];
    }
}
