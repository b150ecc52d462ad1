using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>Moves blocks of elements: the tensor seen in one shape, its axes put in another order, seen in a third shape.</summary>
    public Value Rearrange(Value x, long[] split, long[] order, long[] merged)
    {
        long[] moved = [.. order.Where(axis => split[axis] != 1)];
        return Reshape(moved.SequenceEqual(moved.Order()) ? x : Transpose(Reshape(x, split), order), merged);
    }

    /// <summary>Moves blocks of cells into channels, the place in the block being the outer part of the channel number.</summary>
    /// <param name="x">[N, C, spatial…].</param>
    /// <param name="blocks">The blocks' size along each spatial axis.</param>
    public Value SpaceToDepth(Value x, long[] blocks)
    {
        long[] cells = [.. blocks.Select((block, i) => Shapes.Divide(x.Shape[i + 2], block))];
        long[] merged = [x.Shape[0], Shapes.Multiply(x.Shape[1], Shapes.Count(blocks)), .. cells];
        if (HasBlockKernel(x, blocks))
            return Add("SpaceToDepth", [x], x.ElementType, merged, ("blocksize", blocks[0]));
        long[] split = [x.Shape[0], x.Shape[1], .. blocks.SelectMany((block, i) => new[] { cells[i], block })];
        long[] cellAxes = [.. Enumerable.Range(0, blocks.Length).Select(static i => 2L + (2 * i))];
        return Rearrange(x, split, [0, .. cellAxes.Select(static axis => axis + 1), 1, .. cellAxes], merged);
    }

    /// <summary>Moves channels into blocks of cells.</summary>
    /// <param name="x">[N, C, spatial…].</param>
    /// <param name="blocks">The blocks' size along each spatial axis.</param>
    /// <param name="blocksFirst">Whether the place in the block is the outer part of the channel number, else the inner one.</param>
    public Value DepthToSpace(Value x, long[] blocks, bool blocksFirst)
    {
        int rank = blocks.Length;
        long channels = Shapes.Divide(x.Shape[1], Shapes.Count(blocks));
        long[] space = [.. x.Shape.Skip(2)];
        long[] merged = [x.Shape[0], channels, .. blocks.Select((block, i) => Shapes.Multiply(space[i], block))];
        if (HasBlockKernel(x, blocks))
            return Add("DepthToSpace", [x], x.ElementType, merged, ("blocksize", blocks[0]), ("mode", blocksFirst ? "DCR" : "CRD"));
        long[] split = blocksFirst ? [x.Shape[0], .. blocks, channels, .. space] : [x.Shape[0], channels, .. blocks, .. space];
        (int channelAxis, int blockAxis) = blocksFirst ? (rank + 1, 1) : (1, 2);
        return Rearrange(x, split, [0, channelAxis, .. Enumerable.Range(0, rank).SelectMany(i => new long[] { rank + 2 + i, blockAxis + i })], merged);
    }

    /// <summary>One range of an axis, all of the others.</summary>
    public Value Part(Value x, int axis, long first, long count)
    {
        if (x.IsStatic)
            return Slice(x, [.. x.Shape.Select((size, i) => i == axis ? new AxisSlice(first, 1, count) : new AxisSlice(0, 1, size))]);
        long[] shape = [.. x.Shape];
        shape[axis] = count;
        return Slice(x, Ints(first), Ints(first + count), Ints(axis), Ints(1), shape);
    }

    /// <summary>Moves elements along an axis; those that leave it at one end come back in at the other.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis, whose size is known.</param>
    /// <param name="shift">By how many places, towards the end.</param>
    public Value Roll(Value x, int axis, long shift)
    {
        long size = x.Shape[axis];
        if (size < 0)
            throw new LayerException($"rolling along axis {axis}, whose size is not known at load, is not supported");
        long moved = size == 0 ? 0 : ((shift % size) + size) % size;
        return moved == 0 ? x : Concat([Part(x, axis, size - moved, moved), Part(x, axis, 0, size - moved)], axis);
    }

    /// <summary>Turns the first lengths[i] elements along one axis round, for each index i of another.</summary>
    /// <param name="x">The tensor, of at least two axes.</param>
    /// <param name="lengths">A vector of Int64.</param>
    /// <param name="batchAxis">The axis that the lengths go along.</param>
    /// <param name="sequenceAxis">The axis that is turned round.</param>
    public Value ReverseSequence(Value x, Value lengths, int batchAxis, int sequenceAxis)
    {
        if (batchAxis == sequenceAxis || lengths.Rank != 1)
            throw new LayerException($"lengths {Shapes.Describe(lengths.Shape)} along axis {batchAxis} cannot turn axis {sequenceAxis} round");
        if (Math.Max(batchAxis, sequenceAxis) <= 1)
            return Add("ReverseSequence", [x, lengths], x.ElementType, [.. x.Shape], ("batch_axis", (long)batchAxis), ("time_axis", (long)sequenceAxis));

        // ONNX takes only the first two axes.
        long[] order = [batchAxis, sequenceAxis, .. Enumerable.Range(0, x.Rank).Where(axis => axis != batchAxis && axis != sequenceAxis).Select(static axis => (long)axis)];
        Value turned = ReverseSequence(Transpose(x, order), lengths, 0, 1);
        return Transpose(turned, [.. Enumerable.Range(0, x.Rank).Select(axis => (long)Array.IndexOf(order, axis))]);
    }

    /// <summary>ONNX Runtime's kernels for blocks are several times faster than its general transposition.</summary>
    private static bool HasBlockKernel(Value x, long[] blocks) =>
        x.Constant is null && x.ElementType == TensorElementType.Float32 && x.Rank == 4 && blocks is [var height, var width] && height == width;
}
