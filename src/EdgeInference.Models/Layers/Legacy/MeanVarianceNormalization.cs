using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>x - mean of an image's channel (or of the whole image), divided by the standard deviation if so told.</summary>
[LegacyLayer("MVN")]
internal sealed class MeanVarianceNormalization : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] axes = Shapes.AxesFrom(layer.Flag("across_channels", false) ? 1 : 2, x.Rank);
        return [layer.Flag("normalize_variance", true) ? graph.Standardize(x, axes, layer.Float("eps", 1e-9f)) : graph.Centre(x, axes)];
    }
}
