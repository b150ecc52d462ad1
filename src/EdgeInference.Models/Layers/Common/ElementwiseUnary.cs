using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Functions of one number without options, named as in ONNX but for case and a few longer names.</summary>
[OpsetLayer("Abs"), OpsetLayer("Ceiling"), OpsetLayer("Exp"), OpsetLayer("Floor"), OpsetLayer("Log"), OpsetLayer("Negative"), OpsetLayer("Sign"), OpsetLayer("Sqrt")]
[OpsetLayer("Acos"), OpsetLayer("Acosh"), OpsetLayer("Asin"), OpsetLayer("Asinh"), OpsetLayer("Atan"), OpsetLayer("Atanh")]
[OpsetLayer("Cos"), OpsetLayer("Cosh"), OpsetLayer("Sin"), OpsetLayer("Sinh"), OpsetLayer("Tan"), OpsetLayer("Tanh")]
[OpsetLayer("Erf"), OpsetLayer("Sigmoid"), OpsetLayer("SoftPlus"), OpsetLayer("SoftSign")]
[LegacyLayer("Abs"), LegacyLayer("Ceil"), LegacyLayer("Exp"), LegacyLayer("Floor"), LegacyLayer("Log"), LegacyLayer("Neg"), LegacyLayer("Sign"), LegacyLayer("Sqrt")]
[LegacyLayer("Acos"), LegacyLayer("Acosh"), LegacyLayer("Asin"), LegacyLayer("Asinh"), LegacyLayer("Atan"), LegacyLayer("Atanh")]
[LegacyLayer("Cos"), LegacyLayer("Cosh"), LegacyLayer("Sin"), LegacyLayer("Sinh"), LegacyLayer("Tan"), LegacyLayer("TanH")]
[LegacyLayer("Erf"), LegacyLayer("Reciprocal"), LegacyLayer("Sigmoid"), LegacyLayer("Softplus"), LegacyLayer("Softsign")]
internal sealed class ElementwiseUnary : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string operation = layer.Type switch
        {
            "Ceiling" => "Ceil",
            "Negative" => "Neg",
            var type => string.Concat(type[..1].ToUpperInvariant(), type[1..].ToLowerInvariant()),
        };
        return [graph.Unary(operation, layer.Input(0))];
    }
}
