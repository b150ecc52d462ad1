using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>How often each value of a graph is used, by nodes and as an output.</summary>
internal sealed class Uses
{
    private readonly Dictionary<Value, (int Count, Node? Last)> _uses = [];

    public Uses(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            foreach (Value value in node.Inputs.OfType<Value>())
                _uses[value] = (Count(value) + 1, node);
        }

        foreach (GraphOutput output in graph.Outputs)
            _uses[output.Value] = (Count(output.Value) + 1, null);
    }

    public bool Once(Value value) => Count(value) == 1;

    /// <summary>The node that uses a value, where it is the only one and the value is no output.</summary>
    public Node? OnlyUser(Value value) => Once(value) ? _uses[value].Last : null;

    private int Count(Value value) => _uses.GetValueOrDefault(value).Count;
}
