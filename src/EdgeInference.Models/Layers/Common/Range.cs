using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Common;

/// <summary>start, start + step, … below stop (above it for a negative step). Opset 4 names the type that all three are cut to, others keep theirs.</summary>
[OpsetLayer("Range")]
[LegacyLayer("Range")]
internal sealed class Range : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        TensorElementType type = layer.Has("output_type") ? IrElementTypes.Parse(layer.Text("output_type")) : layer.Input(0).ElementType;
        return [graph.Range(Operand(0), Operand(1), Operand(2))];

        Value Operand(int index) => graph.Cast(graph.Reshape(layer.Input(index), []), type);
    }
}
