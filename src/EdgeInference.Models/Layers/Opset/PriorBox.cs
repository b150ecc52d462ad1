using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Inputs are the sizes (height, width) of the feature map and of the image; the output is [2, boxes * 4].</summary>
[OpsetLayer("PriorBox")]
internal sealed class PriorBox : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        PriorBoxes priors = PriorBoxAttributes.Read(layer) with { MaxSizeFirst = layer.Flag("min_max_aspect_ratios_order", true) };
        PriorGrid grid = PriorGrid.FromConstants(layer);
        if (!priors.RatiosForEachSize)
        {
            // The MXNet form gives sizes as parts of the image's height.
            priors = priors with
            {
                Step = priors.Step == -1 ? (float)grid.ImageHeight / grid.MapHeight : priors.Step * grid.ImageHeight,
                MinSizes = Array.ConvertAll(priors.MinSizes, size => size * grid.ImageHeight),
            };
        }

        grid.Check(priors.BoxesPerCell());
        float[] boxes = priors.Generate(grid.MapWidth, grid.MapHeight, grid.ImageWidth, grid.ImageHeight);
        return [graph.Constant(Constant.Floats(boxes, 2, boxes.Length / 2))];
    }
}
