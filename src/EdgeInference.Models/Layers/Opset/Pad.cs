using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Pad-1, and Pad-12 whose pads may be negative.</summary>
[OpsetLayer("Pad")]
internal sealed class Pad : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        PadMode mode = PadModes.Read(layer);
        Value? value = null;
        if (layer.Inputs.Count > 3 && mode == PadMode.Constant)
        {
            value = layer.Input(3).Shape.All(static d => d == 1)
                ? graph.Reshape(graph.Cast(layer.Input(3), x.ElementType), [])
                : throw new LayerException($"the pad value is not one number but {Shapes.Describe(layer.Input(3).Shape)}");
        }

        return [graph.Pad(x, layer.ConstantInts(1), layer.ConstantInts(2), mode, value)];
    }
}
