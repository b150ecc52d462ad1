using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Inspection;

/// <summary>How much memory the values of a graph take while its nodes run in their order.</summary>
internal static class ActivationMemory
{
    /// <summary>Nodes whose result may take the place of an operand: the same numbers again, or one made of one.</summary>
    private static readonly HashSet<string> InPlace = new(StringComparer.Ordinal)
    {
        "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "Tanh", "HardSigmoid",
        "HardSwish", "Elu", "Exp", "Sqrt", "Abs", "Neg", "Add", "Sub", "Mul", "Div", "Min", "Max", "Round", "Floor", "Ceil",
        "BatchNormalization", "Softmax", "Dropout",
    };

    /// <returns>Bytes; values of unknown size count as nothing.</returns>
    public static long Peak(Graph graph)
    {
        Dictionary<Value, int> lastUse = FindLastUses(graph);
        long held = graph.Inputs.Sum(Bytes);
        long peak = held;
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            Value[] ending = [.. node.Inputs.OfType<Value>().Distinct().Where(input => input.Producer is not null && lastUse[input] == i)];
            Value? replaced = InPlace.Contains(node.Operation) ? ending.FirstOrDefault(input => Bytes(input) == Bytes(node.Output)) : null;
            held += node.Outputs.Sum(Bytes) - (replaced is null ? 0 : Bytes(replaced));
            peak = Math.Max(peak, held);
            held -= ending.Where(input => input != replaced).Sum(Bytes);
            held -= node.Outputs.Where(output => !lastUse.ContainsKey(output)).Sum(Bytes);
        }

        return peak;
    }

    /// <summary>The last node that uses each value; beyond the last for outputs, which stay.</summary>
    private static Dictionary<Value, int> FindLastUses(Graph graph)
    {
        var lastUse = new Dictionary<Value, int>();
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (Value input in graph.Nodes[i].Inputs.OfType<Value>())
                lastUse[input] = i;
        }

        foreach (GraphOutput output in graph.Outputs)
            lastUse[output.Value] = graph.Nodes.Count;
        return lastUse;
    }

    private static long Bytes(Value value) =>
        (NodeCost.Count(value) ?? 0) * value.ElementType.Size();
}
