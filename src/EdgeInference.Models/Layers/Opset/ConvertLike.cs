using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("ConvertLike")]
internal sealed class ConvertLike : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Cast(layer.Input(0), layer.Input(1).ElementType)];
}
