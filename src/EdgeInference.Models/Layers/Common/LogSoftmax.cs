using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

[OpsetLayer("LogSoftmax")]
[LegacyLayer("LogSoftmax")]
internal sealed class LogSoftmax : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.LogSoftmax(layer.Input(0), layer.Int("axis", 1))];
}
