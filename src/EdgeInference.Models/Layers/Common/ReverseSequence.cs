using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Turns the first elements of each sequence in a batch round: as many as the second input says.</summary>
[OpsetLayer("ReverseSequence")]
[LegacyLayer("ReverseSequence")]
internal sealed class ReverseSequence : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value lengths = graph.Cast(layer.Input(1), TensorElementType.Int64);
        return [graph.ReverseSequence(x, lengths, Shapes.Axis(layer.Int("batch_axis", 0), x.Rank), Shapes.Axis(layer.Int("seq_axis", 1), x.Rank))];
    }
}
