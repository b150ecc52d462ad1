using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The blocks of DepthToSpace and SpaceToDepth: cubes of one edge length over 1 to 3 spatial axes.</summary>
/// <param name="Sizes">The edge length, once for each spatial axis.</param>
/// <param name="First">Whether the place in the block is the outer part of the channel number ("blocks_first"), else the inner one.</param>
internal sealed record SpaceBlocks(long[] Sizes, bool First)
{
    public static SpaceBlocks Read(LayerSource layer)
    {
        IReadOnlyList<long> shape = layer.Input(0).Shape;
        if (shape.Count is < 3 or > 5)
            throw new LayerException($"input {Shapes.Describe(shape)} does not have one to three spatial axes");
        bool first = layer.Text("mode", "blocks_first") switch
        {
            "blocks_first" => true,
            "depth_first" => false,
            var other => throw new LayerException($"mode '{other}' is not known"),
        };
        long size = layer.Int("block_size", 1);
        return size > 0
            ? new SpaceBlocks([.. Enumerable.Repeat(size, shape.Count - 2)], first)
            : throw new LayerException($"a block_size of {size} is not possible");
    }
}
