using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Local response normalisation; the engines cut k to a whole number.</summary>
[LegacyLayer("Norm")]
[LegacyLayer("LRN")]
internal sealed class Norm : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        if (layer.Text("region", "across") is not "across")
            throw new LayerException($"region '{layer.Text("region")}' is not supported");
        return
        [
            graph.Unary(
                "LRN",
                layer.Input(0),
                ("alpha", layer.Float("alpha")),
                ("beta", layer.Float("beta")),
                ("bias", MathF.Truncate(layer.Float("k", 1))),
                ("size", layer.Int(layer.Has("local-size") ? "local-size" : "local_size"))),
        ];
    }
}
