using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("ReduceMean")]
[OpsetLayer("ReduceMax")]
[OpsetLayer("ReduceMin")]
[OpsetLayer("ReduceProd")]
[OpsetLayer("ReduceL1")]
[OpsetLayer("ReduceL2")]
internal sealed class Reduce : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Reduce(layer.Type, layer.Input(0), layer.ConstantInts(1), layer.Flag("keep_dims", false))];
}
