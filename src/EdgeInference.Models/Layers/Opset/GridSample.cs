using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("GridSample")]
internal sealed class GridSample : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string mode = layer.Text("mode", "bilinear");
        string padding = layer.Text("padding_mode", "zeros");
        if (mode is not ("bilinear" or "bicubic" or "nearest"))
            throw new LayerException($"mode '{mode}' is not known");
        if (padding is not ("zeros" or "border" or "reflection"))
            throw new LayerException($"padding_mode '{padding}' is not known");
        return [graph.GridSample(layer.Input(0), layer.Input(1), mode, padding, layer.Flag("align_corners", false))];
    }
}
