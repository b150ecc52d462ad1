using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Indices as vectors along a new axis.</summary>
internal static class OneHotEncoding
{
    /// <param name="graph">The graph.</param>
    /// <param name="indices">Whole numbers of any type.</param>
    /// <param name="depth">The new axis's size.</param>
    /// <param name="axis">Its place in the result.</param>
    /// <param name="on">A scalar: the value at the index.</param>
    /// <param name="off">A scalar: the value elsewhere.</param>
    /// <param name="fromEnd">Whether indices below 0 count from the end; else they name no place.</param>
    public static Value Of(GraphBuilder graph, Value indices, long depth, long axis, Value on, Value off, bool fromEnd)
    {
        if (depth < 0)
            throw new LayerException($"a depth of {depth} is not possible");
        int place = Shapes.Axis(axis, indices.Rank + 1);
        long[] along = [depth, .. Enumerable.Repeat(1L, indices.Rank - place)];
        Value index = graph.Unsqueeze(graph.Cast(indices, TensorElementType.Int64), [place]);
        Value hit = graph.Compare("Equal", index, graph.Reshape(graph.Range(0, depth, 1), along));
        if (fromEnd)
            hit = graph.Logical("Or", hit, graph.Compare("Equal", index, graph.Reshape(graph.Range(-depth, 0, 1), along)));
        return graph.Where(hit, on, off);
    }
}
