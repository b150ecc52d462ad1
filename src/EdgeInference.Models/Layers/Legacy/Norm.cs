using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Local response normalisation across channels or within each; the engines cut k to a whole number.</summary>
[LegacyLayer("Norm")]
[LegacyLayer("LRN")]
internal sealed class Norm : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] axes = layer.Text("region", "across").ToUpperInvariant() switch
        {
            "ACROSS" => [1],
            "SAME" => Shapes.AxesFrom(2, x.Rank),
            var other => throw new LayerException($"region '{other}' is not known"),
        };
        long size = layer.Int(layer.Has("local-size") ? "local-size" : "local_size");
        return [graph.LocalResponse(x, axes, size, layer.Float("alpha"), layer.Float("beta"), MathF.Truncate(layer.Float("k", 1)))];
    }
}
