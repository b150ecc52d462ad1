using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Inputs are the feature map and the image, of which only the shapes count; the output is [1, 2, boxes * 4].</summary>
[LegacyLayer("PriorBoxClustered")]
internal sealed class PriorBoxClustered : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        PriorGrid grid = PriorGrid.FromShapes(layer);
        grid = grid with
        {
            ImageWidth = layer.Int("img_w", 0) is > 0 and <= int.MaxValue and var width ? (int)width : grid.ImageWidth,
            ImageHeight = layer.Int("img_h", 0) is > 0 and <= int.MaxValue and var height ? (int)height : grid.ImageHeight,
        };
        ClusteredPriorBoxes priors = PriorBoxAttributes.ReadClustered(layer);
        grid.Check(priors.Widths.Length);
        float[] boxes = priors.Generate(grid.MapWidth, grid.MapHeight, grid.ImageWidth, grid.ImageHeight);
        return [graph.Constant(Constant.Floats(boxes, 1, 2, boxes.Length / 2))];
    }
}
