using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Functions of one number without options, named as in ONNX but for case.</summary>
[OpsetLayer("Abs"), OpsetLayer("Exp"), OpsetLayer("Log"), OpsetLayer("Sqrt"), OpsetLayer("Sigmoid"), OpsetLayer("Tanh")]
[LegacyLayer("Abs"), LegacyLayer("Exp"), LegacyLayer("Log"), LegacyLayer("Sqrt"), LegacyLayer("Sigmoid"), LegacyLayer("TanH")]
internal sealed class ElementwiseUnary : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Unary(string.Concat(layer.Type[..1].ToUpperInvariant(), layer.Type[1..].ToLowerInvariant()), layer.Input(0))];
}
