using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The second operand where the first is true, or not 0 in legacy files, else the third.</summary>
[OpsetLayer("Select")]
[LegacyLayer("Select")]
internal sealed class Select : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value then, Value otherwise) = (layer.Input(1), layer.Input(2));
        string broadcast = layer.Text("auto_broadcast", "numpy").ToUpperInvariant();
        if (broadcast is not ("NUMPY" or "NONE" or "EXPLICIT"))
            throw new LayerException($"auto_broadcast '{layer.Text("auto_broadcast")}' is not supported");
        if (broadcast is not "NUMPY" && !Shapes.Agree(then.Shape, otherwise.Shape))
            throw new LayerException($"shapes {Shapes.Describe(then.Shape)} and {Shapes.Describe(otherwise.Shape)} differ");
        return [graph.Where(graph.Truth(layer.Input(0)), then, otherwise)];
    }
}
