using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>Removes nodes that no output depends on.</summary>
internal static class RemoveUnused
{
    public static void Run(Graph graph)
    {
        HashSet<Value> needed = [.. graph.Outputs.Select(static output => output.Value)];
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (node.Outputs.Any(needed.Contains))
                needed.UnionWith(node.Inputs.OfType<Value>());
        }

        graph.Nodes.RemoveAll(node => !node.Outputs.Any(needed.Contains));
    }
}
