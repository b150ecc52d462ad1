namespace EdgeInference.Models.Graphs;

/// <summary>
/// Where the blocks lie that an indexing operation reads or writes: offsets in elements, in the order of the result. An index
/// below 0 counts from the axis's end.
/// </summary>
internal static class BlockOffsets
{
    /// <summary>Blocks behind <paramref name="axis"/>, for each place before it (ONNX Gather).</summary>
    public static IEnumerable<long> AlongAxis(long[] shape, int axis, long[] indices)
    {
        long block = Shapes.Count(shape[(axis + 1)..]);
        long outer = Shapes.Count(shape[..axis]);
        for (long place = 0; place < outer; place++)
        {
            foreach (long index in indices)
                yield return ((place * shape[axis]) + Place(index, shape[axis])) * block;
        }
    }

    /// <summary>Blocks that index tuples name, the tensor's first axes being shared with the indices' (ONNX GatherND).</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="indexShape">[batch…, tuples…, length of a tuple].</param>
    /// <param name="indices">The tuples.</param>
    /// <param name="batchAxes">How many axes are shared.</param>
    public static IEnumerable<long> Tuples(long[] shape, long[] indexShape, long[] indices, int batchAxes)
    {
        int length = (int)indexShape[^1];
        long batches = Shapes.Count(shape[..batchAxes]);
        long tuples = Shapes.Count(indexShape[batchAxes..^1]);
        long block = Shapes.Count(shape[(batchAxes + length)..]);
        for (long tuple = 0; tuple < batches * tuples; tuple++)
        {
            long offset = tuple / tuples;
            for (int i = 0; i < length; i++)
            {
                long size = shape[batchAxes + i];
                offset = (offset * size) + Place(indices[(tuple * length) + i], size);
            }

            yield return offset * block;
        }
    }

    /// <summary>Single elements, at the index's own place but along <paramref name="axis"/> (ONNX GatherElements).</summary>
    public static IEnumerable<long> Elements(long[] shape, int axis, long[] indexShape, long[] indices)
    {
        long[] strides = BroadcastIndex.Strides(shape);
        long along = strides[axis];
        strides[axis] = 0;
        var places = new BroadcastIndex(indexShape, strides, 0);
        foreach (long index in indices)
            yield return places.Next() + (Place(index, shape[axis]) * along);
    }

    /// <summary>An index counted from the front.</summary>
    public static long Place(long index, long size) =>
        index >= -size && index < size
            ? index < 0 ? index + size : index
            : throw new LayerException($"index {index} is outside an axis of {size}");
}
