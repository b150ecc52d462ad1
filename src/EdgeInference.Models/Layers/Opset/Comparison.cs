using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

[OpsetLayer("Equal"), OpsetLayer("NotEqual"), OpsetLayer("Greater"), OpsetLayer("GreaterEqual"), OpsetLayer("Less"), OpsetLayer("LessEqual")]
internal sealed class Comparison : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value first, Value second) = AutoBroadcast.Align(layer, graph);
        return layer.Type switch
        {
            "NotEqual" => [graph.Not(graph.Compare("Equal", first, second))],
            "GreaterEqual" => [graph.Compare("GreaterOrEqual", first, second)],
            "LessEqual" => [graph.Compare("LessOrEqual", first, second)],
            var same => [graph.Compare(same, first, second)],
        };
    }
}
