using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Weights are [outputs, inputs], an image's elements taken in order.</summary>
[LegacyLayer("FullyConnected")]
[LegacyLayer("InnerProduct")]
internal sealed class FullyConnected : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long outputs = layer.Int("out-size");
        if (x.Rank < 2 || !x.IsStatic || outputs < 1)
            throw new LayerException($"input {Shapes.Describe(x.Shape)} cannot become {outputs} numbers");
        long inputs = Shapes.Count([.. x.Shape.Skip(1)]);
        Value flat = graph.Reshape(x, [x.Shape[0], inputs]);
        Value weights = LegacyWeights.Weights(layer, graph, [outputs, inputs]);
        Value? biases = LegacyWeights.Biases(layer, graph, outputs);
        return [graph.Reshape(graph.FullyConnected(flat, weights, biases), layer.DeclaredShape())];
    }
}
