using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>(x - biases) / sqrt(weights + epsilon).</summary>
[LegacyLayer("BatchNormalization")]
internal sealed class BatchNormalization : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        if (x.Rank < 2 || x.Shape[1] < 1)
            throw new LayerException($"an input of shape {Shapes.Describe(x.Shape)} has no channels");
        Value variance = graph.Constant(layer.Blob("weights", x.Shape[1]));
        Value mean = graph.Constant(layer.Blob("biases", x.Shape[1]));
        return [graph.BatchNormalization(x, mean, variance, scale: graph.Float(1), shift: graph.Float(0), layer.Float("epsilon"))];
    }
}
