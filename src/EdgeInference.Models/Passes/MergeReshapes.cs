using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>A reshape of a reshape takes the first one's input.</summary>
internal static class MergeReshapes
{
    public static void Run(Graph graph)
    {
        var sources = new Dictionary<Value, Value>();
        foreach (Node node in graph.Nodes.Where(static n => n.Operation is "Reshape"))
        {
            Value input = node.Inputs[0]!;
            Value source = sources[node.Output] = sources.GetValueOrDefault(input, input);
            if (node.Output.IsStatic)
                node.Inputs[0] = source;
        }
    }
}
