using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// x - mean, divided by the standard deviation unless normalize_variance is false. Since opset 6 the axes are an input
/// and eps_mode says where eps is added; before, eps is added to the variance.
/// </summary>
[OpsetLayer("MVN")]
internal sealed class MeanVarianceNormalization : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] axes = layer.Opset < 6 ? OldAxes(layer, x.Rank) : layer.ConstantInts(1);
        if (!layer.Flag("normalize_variance", true))
            return [graph.Centre(x, axes)];
        float epsilon = layer.Float("eps");
        return layer.Text("eps_mode", "INSIDE_SQRT").ToUpperInvariant() switch
        {
            "INSIDE_SQRT" => [graph.Standardize(x, axes, epsilon)],
            "OUTSIDE_SQRT" => [graph.StandardizeOutside(x, axes, epsilon)],
            var other => throw new LayerException($"eps_mode '{other}' is not known"),
        };
    }

    private static long[] OldAxes(LayerSource layer, int rank) =>
        layer.Ints("reduction_axes", []) is { Length: > 0 } axes
            ? axes
            : Shapes.AxesFrom(layer.Flag("across_channels", false) ? 1 : 2, rank);
}
