using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Since opset 8 a second output says where the maxima stand, counted from the first element of the axes from
/// <c>axis</c> on.
/// </summary>
[OpsetLayer("MaxPool")]
internal sealed class MaxPool : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Window window = OpsetWindow.ForPooling(layer, x.Shape);
        Value largest = graph.MaxPool(x, window);
        return layer.Outputs.Count > 1 && Indices(layer, graph, x, window) is { } indices ? [largest, indices] : [largest];
    }

    /// <summary>A node of its own, which goes when nothing reads it: the engines are faster without indices.</summary>
    private static Value? Indices(LayerSource layer, GraphBuilder graph, Value x, Window window)
    {
        int axis = Shapes.Axis(layer.Int("axis", 0), x.Rank);
        if (graph.MaxPoolIndices(x, window) is not { } indices || (axis > 0 && x.Shape.Skip(axis).Any(static size => size < 0)))
            return null;
        if (axis > 0)
            indices = graph.Binary("Mod", indices, graph.Ints(Shapes.Count([.. x.Shape.Skip(axis)])));
        return graph.Cast(indices, IrElementTypes.Parse(layer.Text("index_element_type", "i64")));
    }
}
