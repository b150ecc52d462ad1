using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Running sums along the axis at the second input, 0 unless given.</summary>
[OpsetLayer("CumSum")]
internal sealed class CumSum : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
    [
        graph.CumulativeSum(
            layer.Input(0),
            layer.Inputs.Count > 1 ? layer.ConstantInt(1) : 0,
            layer.Flag("exclusive", false),
            layer.Flag("reverse", false)),
    ];
}
