using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The attribute auto_broadcast of element-wise operations of two tensors.</summary>
internal static class AutoBroadcast
{
    /// <summary>The two operands such that NumPy's broadcasting does what the layer asks for.</summary>
    public static (Value First, Value Second) Align(LayerSource layer, GraphBuilder graph)
    {
        (Value first, Value second) = (layer.Input(0), layer.Input(1));
        switch (layer.Text("auto_broadcast", "numpy").ToUpperInvariant())
        {
            case "NUMPY":
                return (first, second);
            case "NONE" or "EXPLICIT":
                return Shapes.Agree(first.Shape, second.Shape)
                    ? (first, second)
                    : throw new LayerException($"shapes {Shapes.Describe(first.Shape)} and {Shapes.Describe(second.Shape)} differ");
            case "PDPD":
                return (first, LineUp(graph, first, second, layer.Int("auto_broadcast.auto_broadcast_axis", layer.Int("axis", -1))));
            default:
                throw new LayerException($"auto_broadcast '{layer.Text("auto_broadcast")}' is not supported");
        }
    }

    /// <summary>PaddlePaddle's rule: the second operand's sizes stand below the first's from an axis on, or at the end where that is -1.</summary>
    private static Value LineUp(GraphBuilder graph, Value first, Value second, long axis)
    {
        if (axis < -1 || second.Rank > first.Rank)
            throw new LayerException($"shape {Shapes.Describe(second.Shape)} does not fit {Shapes.Describe(first.Shape)} from axis {axis}");
        if (axis == -1)
            return second;
        long[] sizes = [.. second.Shape];
        while (sizes.Length > 0 && axis + sizes.Length > first.Rank && sizes[^1] == 1)
            sizes = sizes[..^1];
        long missing = first.Rank - axis - sizes.Length;
        return missing >= 0
            ? graph.Reshape(second, [.. sizes, .. Enumerable.Repeat(1L, (int)missing)])
            : throw new LayerException($"shape {Shapes.Describe(second.Shape)} does not fit {Shapes.Describe(first.Shape)} from axis {axis}");
    }
}
