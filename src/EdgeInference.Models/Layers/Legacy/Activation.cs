using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>One of the layers that are functions of one number, named in an attribute.</summary>
[LegacyLayer("Activation")]
internal sealed class Activation : Layer
{
    private static readonly HashSet<string> Functions = new(StringComparer.OrdinalIgnoreCase)
    {
        "relu", "relu6", "prelu", "elu", "clamp", "sigmoid", "tanh", "exp", "log", "abs", "sqrt", "floor", "ceil", "neg", "not",
        "sign", "erf", "reciprocal", "softplus", "softsign", "hardsigmoid", "selu", "swish", "mish", "gelu",
    };

    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string type = layer.Text("type");
        return Functions.Contains(type)
            ? LayerCatalog.Legacy.Find(type)!.Build(layer.As(type), graph)
            : throw new LayerException($"activation '{type}' is not supported");
    }
}
