using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>
/// Resizes images or volumes to the declared output's size, nearest or linear. antialias, where any axis shrinks, scales
/// the linear filter with each axis.
/// </summary>
[LegacyLayer("Resample")]
internal sealed class Resample : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        if (x.Rank is not (4 or 5))
            throw new LayerException($"input {Shapes.Describe(x.Shape)} is not images or volumes");
        ResizedAxis[] axes = DeclaredSizes.Axes(layer, x);
        switch (layer.Text("type", "caffe.ResampleParameter.NEAREST"))
        {
            case "caffe.ResampleParameter.NEAREST" or "nearest":
                return [Resampling.Nearest(graph, x, axes, Nearest)];
            case "caffe.ResampleParameter.LINEAR" or "linear":
                bool antialias = layer.Flag("antialias", false) && axes.Any(static axis => axis.Step > 1);
                return [antialias ? Resampling.Filtered(graph, x, axes, FillSmoothed) : Resampling.Linear(graph, x, axes, CoordinateMode.HalfPixel)];
            case var other:
                throw new LayerException($"type '{other}' is not supported");
        }
    }

    private static long Nearest(ResizedAxis axis, long index) =>
        (long)MathF.Round((index * axis.Step) + (axis.Step / 2) - 0.5f, MidpointRounding.AwayFromZero);

    private static void FillSmoothed(ResizedAxis axis, long index, Span<float> weights) =>
        ResampleFilter.Triangle.FillInside(weights, axis.Position(index, CoordinateMode.HalfPixel), axis.Step);
}
