using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>How often each value of a graph is used, by nodes and as an output.</summary>
internal sealed class Uses
{
    private readonly Dictionary<Value, int> _counts = [];

    public Uses(Graph graph)
    {
        foreach (Value value in graph.Nodes.SelectMany(static node => node.Inputs).OfType<Value>().Concat(graph.Outputs.Select(static o => o.Value)))
            _counts[value] = _counts.GetValueOrDefault(value) + 1;
    }

    public bool Once(Value value) => _counts.GetValueOrDefault(value) == 1;
}
