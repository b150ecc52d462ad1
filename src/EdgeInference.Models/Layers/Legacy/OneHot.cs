using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("OneHot")]
internal sealed class OneHot : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value on = graph.Float(layer.Float("on_value", 1));
        Value off = graph.Float(layer.Float("off_value", 0));
        return [OneHotEncoding.Of(graph, layer.Input(0), layer.Int("depth"), layer.Int("axis", -1), on, off, fromEnd: false)];
    }
}
