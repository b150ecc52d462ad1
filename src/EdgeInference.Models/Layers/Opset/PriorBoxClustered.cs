using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Inputs are the sizes (height, width) of the feature map and of the image; the output is [2, boxes * 4].</summary>
[OpsetLayer("PriorBoxClustered")]
internal sealed class PriorBoxClustered : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        PriorGrid grid = PriorGrid.FromConstants(layer);
        ClusteredPriorBoxes priors = PriorBoxAttributes.ReadClustered(layer);
        grid.Check(priors.Widths.Length);
        float[] boxes = priors.Generate(grid.MapWidth, grid.MapHeight, grid.ImageWidth, grid.ImageHeight);
        return [graph.Constant(Constant.Floats(boxes, 2, boxes.Length / 2))];
    }
}
