using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Linear interpolation of an image to the declared output's size; negative pads crop it first.</summary>
[LegacyLayer("Interp")]
internal sealed class Interp : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (long begin, long end) = (layer.Int("pad_beg", 0), layer.Int("pad_end", 0));
        if (layer.Input(0).Rank != 4 || begin > 0 || end > 0)
            throw new LayerException($"input {Shapes.Describe(layer.Input(0).Shape)} with pads of {begin} and {end} is not supported");
        Value x = graph.Pad(layer.Input(0), [0, 0, begin, begin], [0, 0, end, end], PadMode.Constant);
        CoordinateMode coordinates = layer.Flag("align_corners", true) ? CoordinateMode.AlignCorners : CoordinateMode.Asymmetric;
        return [Resampling.Linear(graph, x, DeclaredSizes.Axes(layer, x), coordinates)];
    }
}
