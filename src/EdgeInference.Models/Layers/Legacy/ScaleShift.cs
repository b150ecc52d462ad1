using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>x * weights + biases, one of each per channel or for all of them; both may be left out.</summary>
[LegacyLayer("ScaleShift")]
internal sealed class ScaleShift : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        if (x.Rank < 2)
            throw new LayerException($"an input of shape {Shapes.Describe(x.Shape)} has no channels");
        if (Numbers(layer, graph, "weights", x) is { } scale)
            x = graph.Multiply(x, scale);
        if (Numbers(layer, graph, "biases", x) is { } shift)
            x = graph.Add(x, shift);
        return [x];
    }

    private static Value? Numbers(LayerSource layer, GraphBuilder graph, string name, Value x)
    {
        if (layer.Blob(name) is not { } blob)
            return null;
        if (blob.Count != 1 && blob.Count != x.Shape[1])
            throw new LayerException($"{name} are {blob.Count} numbers for {x.Shape[1]} channels");
        return graph.PerChannel(graph.Constant(blob), x.Rank);
    }
}
