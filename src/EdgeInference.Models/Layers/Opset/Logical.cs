using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The early opset called LogicalXor Xor.</summary>
[OpsetLayer("LogicalAnd"), OpsetLayer("LogicalOr"), OpsetLayer("LogicalXor"), OpsetLayer("Xor"), OpsetLayer("LogicalNot")]
internal sealed class Logical : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string operation = layer.Type.Replace("Logical", "", StringComparison.Ordinal);
        if (operation is "Not")
            return [graph.Not(layer.Input(0))];
        (Value first, Value second) = AutoBroadcast.Align(layer, graph);
        return [graph.Logical(operation, first, second)];
    }
}
