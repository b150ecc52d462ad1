using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>A multiplication or addition per channel after a convolution goes into its weights or bias.</summary>
internal static class FoldAfterConvolution
{
    public static void Run(Graph graph)
    {
        var uses = new Uses(graph);
        var folded = new HashSet<Node>();
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            if (PerChannel.Match(graph.Nodes[i]) is not { } change
                || !uses.Once(change.Operand)
                || change.Operand.Producer is not { } convolution
                || ConvolutionWeights.Match(convolution) is not { } weights)
            {
                continue;
            }

            if (change.Factors is { } factors)
                weights.ScaleOutputs(factors);
            else
                weights.ShiftOutputs(change.Terms!);
            graph.Nodes[i] = weights.Build(convolution.Inputs[0]!, change.Node.Output);
            folded.Add(convolution);
        }

        graph.Nodes.RemoveAll(folded.Contains);
    }
}
