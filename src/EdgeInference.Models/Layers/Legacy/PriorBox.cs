using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Inputs are the feature map and the image, of which only the shapes count; the output is [1, 2, boxes * 4].</summary>
[LegacyLayer("PriorBox")]
internal sealed class PriorBox : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        PriorBoxes priors = PriorBoxAttributes.Read(layer);
        PriorGrid grid = PriorGrid.FromShapes(layer);
        grid.Check(priors.BoxesPerCell());
        float[] boxes = priors.Generate(grid.MapWidth, grid.MapHeight, grid.ImageWidth, grid.ImageHeight);
        return [graph.Constant(Constant.Floats(boxes, 1, 2, boxes.Length / 2))];
    }
}
