using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The blocks of SpaceToBatch and BatchToSpace, whose cells go to the batch and not, as in SpaceToDepth, to the channels.</summary>
/// <param name="Sizes">A size for each axis that is cut into blocks: the spatial ones, or all but the batch.</param>
/// <param name="WithChannels">Whether the channels are cut too; they then count as a spatial axis behind a single channel.</param>
internal sealed record BatchBlocks(long[] Sizes, bool WithChannels)
{
    public long Volume => Shapes.Count(Sizes);

    /// <summary>Reads the second input.</summary>
    public static BatchBlocks Read(LayerSource layer)
    {
        long[] blocks = layer.ConstantInts(1);
        if (blocks.Length != layer.Input(0).Rank || blocks.Length < 2 || blocks[0] != 1 || blocks.Any(static b => b < 1))
            throw new LayerException($"blocks of {string.Join(',', blocks)} do not fit {Shapes.Describe(layer.Input(0).Shape)}");
        return blocks[1] == 1 ? new BatchBlocks(blocks[2..], false) : new BatchBlocks(blocks[1..], true);
    }

    /// <summary>A shape as SpaceToDepth takes it.</summary>
    public long[] Seen(IReadOnlyList<long> shape) => WithChannels ? [shape[0], 1, .. shape.Skip(1)] : [.. shape];

    /// <summary>The shape that was seen so.</summary>
    public long[] Real(IReadOnlyList<long> seen) => WithChannels ? [seen[0], .. seen.Skip(2)] : [.. seen];

    /// <summary>Exchanges the first two axes of so many.</summary>
    public static long[] Exchanged(int rank) => [1, 0, .. Enumerable.Range(2, rank - 2).Select(static axis => (long)axis)];
}
