using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>
/// A multiplication and then an addition per channel that are still there become a BatchNormalization: one pass over the
/// memory, and the blocked layout in which ONNX Runtime keeps convolutions goes on through it.
/// </summary>
internal static class JoinScaleAndShift
{
    public static void Run(Graph graph, LoadBudget budget)
    {
        var uses = new Uses(graph);
        var joined = new HashSet<Node>();
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            if (PerChannel.Match(graph.Nodes[i]) is not { Terms: not null } shift
                || !uses.Once(shift.Operand)
                || PerChannel.Match(shift.Operand.Producer) is not { Factors: not null } scale
                || Joined(scale, shift, budget) is not { } node)
            {
                continue;
            }

            graph.Nodes[i] = node.Output.Producer = node;
            joined.Add(scale.Node);
        }

        graph.Nodes.RemoveAll(joined.Contains);
    }

    private static Node? Joined(PerChannel scale, PerChannel shift, LoadBudget budget)
    {
        Value output = shift.Node.Output;
        int channels = scale.Factors!.Length;
        float[] zeros = new float[channels];
        float[] ones = [.. Enumerable.Repeat(1f, channels)];
        Value?[] vectors = [Vector(scale.Factors), Vector(shift.Terms!), Vector(zeros), Vector(ones)];
        return vectors.Contains(null) ? null : new Node("BatchNormalization", [scale.Operand, .. vectors], [output], [("epsilon", 0f)]);

        Value? Vector(float[] values) => PassConstants.TryFloats(output.Name, values, [channels], budget);
    }
}
