using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Logic of truth values, for which the bitwise operations are the same; the early opset called LogicalXor Xor.</summary>
[OpsetLayer("LogicalAnd"), OpsetLayer("LogicalOr"), OpsetLayer("LogicalXor"), OpsetLayer("Xor"), OpsetLayer("LogicalNot")]
[OpsetLayer("BitwiseAnd"), OpsetLayer("BitwiseOr"), OpsetLayer("BitwiseXor"), OpsetLayer("BitwiseNot")]
internal sealed class Logical : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        if (layer.Input(0).ElementType != TensorElementType.Boolean)
            throw new LayerException($"{layer.Type} of {layer.Input(0).ElementType} is not supported");
        string operation = layer.Type.Replace("Logical", "", StringComparison.Ordinal).Replace("Bitwise", "", StringComparison.Ordinal);
        if (operation is "Not")
            return [graph.Not(layer.Input(0))];
        (Value first, Value second) = AutoBroadcast.Align(layer, graph);
        return [graph.Logical(operation, first, second)];
    }
}
