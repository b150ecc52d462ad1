using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>Goes through a graph's nodes in order and puts others in the place of some.</summary>
internal static class GraphRewriter
{
    /// <param name="graph">The graph, changed in place.</param>
    /// <param name="budget">Where new constants are counted.</param>
    /// <param name="replace">
    /// Makes what stands for a node's only output, adding nodes with the builder, or returns null for a node that stays. The
    /// node's inputs are those of the new graph.
    /// </param>
    public static void Run(Graph graph, LoadBudget budget, Func<Node, GraphBuilder, Value?> replace)
    {
        Node[] nodes = [.. graph.Nodes];
        graph.Nodes.Clear();
        var builder = new GraphBuilder(graph, budget);
        var replaced = new Dictionary<Value, Value>();
        foreach (Node node in nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
                node.Inputs[i] = Current(node.Inputs[i]);
            builder.LayerName = node.Output.Name;
            if (replace(node, builder) is not { } value)
            {
                graph.Nodes.Add(node);
                continue;
            }

            // The node may still be referred to, but not its weights: those of two forms at once can be too much.
            replaced.Add(node.Output, value);
            node.Inputs.Clear();
        }

        for (int i = 0; i < graph.Outputs.Count; i++)
            graph.Outputs[i] = graph.Outputs[i] with { Value = Current(graph.Outputs[i].Value)! };

        Value? Current(Value? value) => value is not null && replaced.TryGetValue(value, out Value? other) ? other : value;
    }
}
