using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Without axes all of size 1 are dropped.</summary>
[OpsetLayer("Squeeze")]
internal sealed class Squeeze : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Squeeze(layer.Input(0), layer.Inputs.Count > 1 ? layer.ConstantInts(1) : [])];
}
