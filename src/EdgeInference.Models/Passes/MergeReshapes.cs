using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>A reshape of a reshape takes the first one's input.</summary>
internal static class MergeReshapes
{
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(static n => n.Operation is "Reshape" && n.Output.IsStatic))
        {
            while (node.Inputs[0]!.Producer is { Operation: "Reshape" } first)
                node.Inputs[0] = first.Inputs[0];
        }
    }
}
