using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>(x * scale + shift) ^ power.</summary>
[LegacyLayer("Power")]
internal sealed class Power : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        (float scale, float shift, float power) = (layer.Float("scale", 1), layer.Float("shift", 0), layer.Float("power", 1));
        if (scale != 1)
            x = graph.Multiply(x, graph.Float(scale));
        if (shift != 0)
            x = graph.Add(x, graph.Float(shift));
        if (power != 1)
            x = graph.Binary("Pow", x, graph.Float(power));
        return [x];
    }
}
