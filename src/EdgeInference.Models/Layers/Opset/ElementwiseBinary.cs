using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Add"), OpsetLayer("Subtract"), OpsetLayer("Multiply"), OpsetLayer("Divide"), OpsetLayer("Power")]
[OpsetLayer("Maximum"), OpsetLayer("Minimum"), OpsetLayer("Mod"), OpsetLayer("FloorMod"), OpsetLayer("SquaredDifference")]
internal sealed class ElementwiseBinary : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value first, Value second) = AutoBroadcast.Align(layer, graph);
        return layer.Type switch
        {
            "Add" => [graph.Add(first, second)],
            "Subtract" => [graph.Subtract(first, second)],
            "Multiply" => [graph.Multiply(first, second)],
            "Divide" => [graph.Divide(first, second)],
            "Power" => [graph.Binary("Pow", first, second)],
            "Maximum" => [graph.Binary("Max", first, second)],
            "Minimum" => [graph.Binary("Min", first, second)],
            "Mod" => [graph.Modulo(first, second)],
            "FloorMod" => [graph.FloorModulo(first, second)],
            _ => [graph.SquaredDifference(first, second)],
        };
    }
}
