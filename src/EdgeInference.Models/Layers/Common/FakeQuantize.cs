using EdgeInference.Models.Graphs;
using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Inputs: the data, input low, input high, output low, output high; the ranges must be known at load.</summary>
[OpsetLayer("FakeQuantize")]
[LegacyLayer("FakeQuantize")]
[LegacyLayer("Quantize")]
internal sealed class FakeQuantize : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        if (layer.Text("auto_broadcast", "numpy") is not "numpy" and var broadcast)
            throw new LayerException($"auto_broadcast '{broadcast}' is not supported");
        long levels = layer.Int("levels");
        if (levels > int.MaxValue)
            throw new LayerException($"{levels} levels are not possible");
        return [graph.FakeQuantize(layer.Input(0), new QuantizationRange(
            layer.KnownInput(1), layer.KnownInput(2), layer.KnownInput(3), layer.KnownInput(4), (int)Math.Max(levels, 0)))];
    }
}
