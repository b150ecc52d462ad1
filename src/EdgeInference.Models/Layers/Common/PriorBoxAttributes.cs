using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The attributes that the prior box layers of all versions have in common.</summary>
internal static class PriorBoxAttributes
{
    public static PriorBoxes Read(LayerSource layer) => new()
    {
        MinSizes = layer.Floats("min_size"),
        MaxSizes = layer.Floats("max_size"),
        AspectRatios = layer.Floats("aspect_ratio"),
        Flip = layer.Flag("flip", false),
        Clip = layer.Flag("clip", false),
        Step = layer.Float("step", 0),
        Offset = layer.Float("offset"),
        Variances = layer.Floats("variance"),
        RatiosForEachSize = layer.Flag("scale_all_sizes", true),
        FixedSizes = layer.Floats("fixed_size"),
        FixedRatios = layer.Floats("fixed_ratio"),
        Densities = layer.Floats("density"),
    };

    public static ClusteredPriorBoxes ReadClustered(LayerSource layer)
    {
        float step = layer.Float("step", 0);
        return new ClusteredPriorBoxes
        {
            Widths = layer.Floats("width"),
            Heights = layer.Floats("height"),
            Clip = layer.Flag("clip", false),
            StepX = layer.Float("step_w", 0) is var x && x != 0 ? x : step,
            StepY = layer.Float("step_h", 0) is var y && y != 0 ? y : step,
            Offset = layer.Float("offset"),
            Variances = layer.Floats("variance"),
        };
    }
}
