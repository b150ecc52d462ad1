using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>A multiplication or addition per channel after a convolution goes into its weights or bias.</summary>
internal static class FoldAfterConvolution
{
    public static void Run(Graph graph, LoadBudget budget)
    {
        var uses = new Uses(graph);
        var folded = new HashSet<Node>();
        var changed = new Dictionary<Node, Node>();
        foreach (Node node in graph.Nodes.Where(static node => node.Operation is "Conv" or "ConvTranspose"))
        {
            Node last = node;
            ConvolutionWeights? weights = null;
            while (Change(last, uses) is { } change)
            {
                weights ??= ConvolutionWeights.Match(node, budget);
                if (weights is not { IsFull: false })
                    break;
                if (change.Factors is { } factors)
                    weights.ScaleOutputs(factors);
                else
                    weights.ShiftOutputs(change.Terms!);
                folded.Add(last);
                last = change.Node;
            }

            if (last != node)
                changed[last] = weights!.Build(node.Inputs[0]!, last.Output);
        }

        for (int i = 0; i < graph.Nodes.Count; i++)
            graph.Nodes[i] = changed.GetValueOrDefault(graph.Nodes[i], graph.Nodes[i]);
        graph.Nodes.RemoveAll(folded.Contains);
    }

    private static PerChannel? Change(Node node, Uses uses) => PerChannel.Match(uses.OnlyUser(node.Output));
}
