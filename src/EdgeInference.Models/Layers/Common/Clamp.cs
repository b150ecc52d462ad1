using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

[OpsetLayer("Clamp")]
[LegacyLayer("Clamp")]
internal sealed class Clamp : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (double low, double high) = (layer.Double("min"), layer.Double("max"));
        return low <= high
            ? [graph.Clip(layer.Input(0), low, high)]
            : throw new LayerException($"its lower bound {low} is above the upper one, {high}");
    }
}
