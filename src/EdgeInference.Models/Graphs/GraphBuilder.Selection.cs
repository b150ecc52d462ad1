using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>Operations whose result depends on which elements are large, or not 0.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>The places of the elements that are not 0, as columns: Int64 [rank, how many].</summary>
    public Value NonZero(Value x)
    {
        if (x.Constant is not { } constant)
            return Add("NonZero", [x.ElementType is TensorElementType.Int8 or TensorElementType.Int16 ? Cast(x, TensorElementType.Int32) : x], TensorElementType.Int64, [x.Rank, Shapes.Unknown]);
        float[] values = constant.ToFloats();
        int[] found = [.. Enumerable.Range(0, values.Length).Where(i => values[i] != 0)];
        long[] strides = BroadcastIndex.Strides(constant.Shape);
        long[] places = [.. strides.SelectMany((stride, axis) => found.Select(i => i / stride % constant.Shape[axis]))];
        return Constant(Graphs.Constant.Ints(places).WithShape([x.Rank, found.Length]));
    }

    /// <summary>The largest (or smallest) elements along an axis; of equal ones the first come first.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="count">How many, at most the axis's size.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="largest">Largest or smallest.</param>
    /// <param name="sorted">Best first; else in any order.</param>
    /// <returns>The elements, and their indices as Int64.</returns>
    public (Value Values, Value Indices) TopK(Value x, long count, long axis, bool largest = true, bool sorted = true) =>
        TopK(x, Ints(count), axis, largest, sorted);

    /// <summary>The same with a count, a single whole number, that may be known only at run time.</summary>
    public (Value Values, Value Indices) TopK(Value x, Value count, long axis, bool largest = true, bool sorted = true)
    {
        if (x.ElementType is not (TensorElementType.Float32 or TensorElementType.Int32 or TensorElementType.Int64))
        {
            (Value wide, Value at) = TopK(Cast(x, TensorElementType.Int32), count, axis, largest, sorted);
            return (Cast(wide, x.ElementType), at);
        }

        int along = Shapes.Axis(axis, x.Rank);
        Value vector = Reshape(Cast(count, TensorElementType.Int64), [1]);
        long[] shape = [.. x.Shape];
        shape[along] = vector.Constant?.ToInts()[0] ?? Shapes.Unknown;
        if (vector.Constant is not null && (shape[along] < 0 || (x.Shape[along] >= 0 && shape[along] > x.Shape[along])))
            throw new LayerException($"{shape[along]} elements cannot be selected along axis {along} of {Shapes.Describe(x.Shape)}");

        var values = new Value(LayerName, x.ElementType, shape);
        var indices = new Value(LayerName, TensorElementType.Int64, shape);
        Add(new Node("TopK", [x, vector], [values, indices], [("axis", (long)along), ("largest", largest ? 1L : 0L), ("sorted", sorted ? 1L : 0L)]));
        return (values, indices);
    }
}
