using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Where the padding counts, the divisor is the whole kernel; without pads windows that overhang count only what is inside.</summary>
[OpsetLayer("AvgPool")]
internal sealed class AvgPool : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        bool padded = layer.Text("auto_pad", "explicit") switch
        {
            "explicit" or "notset" => layer.Ints("pads_begin").Concat(layer.Ints("pads_end")).Any(static p => p != 0),
            "valid" => false,
            _ => true,
        };
        bool countPads = padded && !layer.Flag(layer.Has("exclude-pad") ? "exclude-pad" : "exclude_pad", false);
        return [graph.AveragePool(layer.Input(0), OpsetWindow.ForPooling(layer, layer.Input(0).Shape), countPads)];
    }
}
