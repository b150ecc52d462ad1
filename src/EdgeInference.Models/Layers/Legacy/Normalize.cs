using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>
/// x / sqrt(S + eps) * weights, where S is the sum of the squares over the channels at one place, or over the whole image
/// with across_spatial.
/// </summary>
[LegacyLayer("Normalize")]
internal sealed class Normalize : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] axes = layer.Flag("across_spatial", true) ? Shapes.AxesFrom(1, x.Rank) : [1];
        Value weights = graph.Constant(layer.Blob("weights", layer.Flag("channel_shared", true) ? 1 : x.Shape[1]));
        return [graph.Multiply(graph.NormalizeL2(x, axes, layer.Float("eps")), graph.PerChannel(weights, x.Rank))];
    }
}
