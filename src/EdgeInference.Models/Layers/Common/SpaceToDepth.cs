using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Moves blocks of cells into channels: the way back from <see cref="DepthToSpace"/>.</summary>
[OpsetLayer("SpaceToDepth")]
[LegacyLayer("SpaceToDepth")]
internal sealed class SpaceToDepth : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        SpaceBlocks blocks = SpaceBlocks.Read(layer);
        long[] space = [.. x.Shape.Skip(2).Select(size => BlockSizes.Divide(size, blocks.Size))];
        long[] split = [x.Shape[0], x.Shape[1], .. space.SelectMany(size => new[] { size, blocks.Size })];
        long[] cells = [.. Enumerable.Range(0, space.Length).Select(static i => 2L + (2 * i))];
        long[] inBlock = [.. cells.Select(static axis => axis + 1)];
        long[] order = blocks.First ? [0, .. inBlock, 1, .. cells] : [0, 1, .. inBlock, .. cells];
        return [graph.Rearrange(x, split, order, [x.Shape[0], BlockSizes.Multiply(x.Shape[1], blocks.Volume), .. space])];
    }
}
