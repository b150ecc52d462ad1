using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Operations of two tensors with NumPy's broadcasting.</summary>
[OpsetLayer("Add")]
[OpsetLayer("Subtract")]
[OpsetLayer("Multiply")]
[OpsetLayer("Divide")]
[OpsetLayer("Maximum")]
[OpsetLayer("Minimum")]
[OpsetLayer("Power")]
internal sealed class ElementwiseBinary : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string broadcast = layer.Text("auto_broadcast", "numpy");
        if (broadcast is "none" && !Shapes.Agree(layer.Input(0).Shape, layer.Input(1).Shape))
            throw new LayerException($"shapes {Shapes.Describe(layer.Input(0).Shape)} and {Shapes.Describe(layer.Input(1).Shape)} differ");
        if (broadcast is not ("numpy" or "none"))
            throw new LayerException($"auto_broadcast '{broadcast}' is not supported");

        string operation = layer.Type switch
        {
            "Subtract" => "Sub",
            "Multiply" => "Mul",
            "Divide" => "Div",
            "Maximum" => "Max",
            "Minimum" => "Min",
            "Power" => "Pow",
            var same => same,
        };
        return [graph.Binary(operation, layer.Input(0), layer.Input(1))];
    }
}
