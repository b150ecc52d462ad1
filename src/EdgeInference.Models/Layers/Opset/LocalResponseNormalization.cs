using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The window goes along the axes of input 1.</summary>
[OpsetLayer("LRN")]
internal sealed class LocalResponseNormalization : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.LocalResponse(layer.Input(0), layer.ConstantInts(1), layer.Int("size"), layer.Float("alpha"), layer.Float("beta"), layer.Float("bias"))];
}
