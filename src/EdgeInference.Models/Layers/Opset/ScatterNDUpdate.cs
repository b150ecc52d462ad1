using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Replaces blocks that index tuples name; opset 15 can combine them with what is there.</summary>
[OpsetLayer("ScatterNDUpdate")]
internal sealed class ScatterNDUpdate : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value x, Value indices, Value updates) = (layer.Input(0), layer.Input(1), layer.Input(2));
        return layer.Text("reduction", "none") switch
        {
            "none" => [graph.ScatterND(x, indices, updates)],
            "sum" => [graph.ScatterND(x, indices, updates, "add")],
            "sub" => [graph.ScatterND(x, indices, graph.Subtract(graph.Cast(graph.Float(0), x.ElementType), updates), "add")],
            "prod" => [graph.ScatterND(x, indices, updates, "mul")],
            var reduction => throw new LayerException($"reduction '{reduction}' is not supported"),
        };
    }
}
