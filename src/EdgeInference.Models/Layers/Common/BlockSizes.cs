using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Sizes for layers that move blocks of elements between axes.</summary>
internal static class BlockSizes
{
    /// <summary>No real block or group is larger.</summary>
    private const long Largest = 1 << 20;

    /// <summary>A size in blocks; an unknown size stays unknown.</summary>
    public static long Divide(long size, long block)
    {
        if (block is < 1 or > Largest)
            throw new LayerException($"blocks or groups of {block} are not possible");
        if (size < 0)
            return Shapes.Unknown;
        return size % block == 0 ? size / block : throw new LayerException($"a size of {size} cannot be divided by {block}");
    }

    /// <summary>A size that grows by a factor; an unknown size stays unknown.</summary>
    public static long Multiply(long size, long block) => size < 0 ? Shapes.Unknown : checked(size * block);
}
