using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The blocks of DepthToSpace and SpaceToDepth: cubes of one edge length over 1 to 3 spatial axes.</summary>
/// <param name="Size">The edge length in cells.</param>
/// <param name="SpatialRank">The number of spatial axes.</param>
/// <param name="First">Whether the place in the block is the outer part of the channel number.</param>
internal sealed record SpaceBlocks(long Size, int SpatialRank, bool First)
{
    public long[] Sizes => [.. Enumerable.Repeat(Size, SpatialRank)];

    /// <summary>Cells in a block.</summary>
    public long Volume => Shapes.Count(Sizes);

    /// <summary>Where the channels stand once the channel axis is split.</summary>
    public int ChannelAxis => First ? SpatialRank + 1 : 1;

    /// <summary>Where the first of the block's axes stands then.</summary>
    public int FirstAxis => First ? 1 : 2;

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
            ? new SpaceBlocks(size, shape.Count - 2, first)
            : throw new LayerException($"a block_size of {size} is not possible");
    }
}
