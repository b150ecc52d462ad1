using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The best elements along an axis, as the attributes that TopK has in all versions ask for.</summary>
internal static class TopElements
{
    /// <returns>The elements, and their indices as Int64.</returns>
    public static (Value Values, Value Indices) Of(LayerSource layer, GraphBuilder graph)
    {
        (Value x, Value count) = (layer.Input(0), layer.Input(1));
        long axis = layer.Int("axis", -1);
        bool largest = layer.Text("mode", "max") switch
        {
            "max" => true,
            "min" => false,
            var other => throw new LayerException($"mode '{other}' is not known"),
        };
        switch (layer.Text("sort", "value"))
        {
            case "value":
                return graph.TopK(x, count, axis, largest);
            case "none":
                return graph.TopK(x, count, axis, largest, sorted: false);
            case "index":
                Value indices = graph.TopK(x, count, axis, largest).Indices;
                Value ordered = graph.TopK(indices, count, axis, largest: false).Values;
                return (graph.GatherElements(x, ordered, axis), ordered);
            case var other:
                throw new LayerException($"sort '{other}' is not known");
        }
    }
}
