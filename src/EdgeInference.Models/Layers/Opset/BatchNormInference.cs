using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Inputs are gamma, beta, data, mean, variance in opset 1, with the data first since opset 5.</summary>
[OpsetLayer("BatchNormInference")]
internal sealed class BatchNormInference : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (int data, int gamma, int beta) = layer.Opset < 5 ? (2, 0, 1) : (0, 1, 2);
        return
        [
            graph.BatchNormalization(
                layer.Input(data),
                mean: layer.Input(3),
                variance: layer.Input(4),
                scale: layer.Input(gamma),
                shift: layer.Input(beta),
                layer.Float("epsilon")),
        ];
    }
}
