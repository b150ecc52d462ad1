using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("Pad")]
internal sealed class Pad : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Pad(layer.Input(0), layer.Ints("pads_begin"), layer.Ints("pads_end"), PadModes.Read(layer), graph.Float(layer.Float("pad_value", 0)))];
}
