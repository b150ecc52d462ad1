using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>
/// A multiplication per channel before a convolution goes into its weights, an addition into its bias if it is not
/// transposed and has no pads. Otherwise x * a + b becomes (x + b / a) * a, so that at least the multiplication goes.
/// </summary>
internal static class FoldBeforeConvolution
{
    public static void Run(Graph graph, LoadBudget budget)
    {
        var uses = new Uses(graph);
        var nodes = new List<Node>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes)
            nodes.AddRange(node.Operation is "Conv" or "ConvTranspose" ? Fold(node, uses, budget) : [node]);
        graph.Nodes.Clear();
        graph.Nodes.AddRange(nodes);
    }

    /// <returns>The nodes to put in the convolution's place.</returns>
    private static Node[] Fold(Node convolution, Uses uses, LoadBudget budget)
    {
        if (Change(convolution.Inputs[0]!, uses) is null || ConvolutionWeights.Match(convolution, budget) is not { } weights)
            return [convolution];
        bool sameEverywhere = convolution.Operation is "Conv" && convolution.Ints("pads").All(static pad => pad == 0);
        Value input = convolution.Inputs[0]!;
        while (!weights.IsFull && Change(input, uses) is { } change)
        {
            if (change.Factors is { } factors)
            {
                weights.ScaleInputs(factors);
            }
            else if (sameEverywhere)
            {
                weights.ShiftInputs(change.Terms!);
            }
            else
            {
                if (Change(change.Operand, uses) is not { Factors: { } scale } first || scale.Contains(0))
                    break;
                weights.ScaleInputs(scale);
                Node addition = Addition(first.Operand, scale, change);
                return [addition, weights.Build(addition.Output, convolution.Output)];
            }

            input = change.Operand;
        }

        return input == convolution.Inputs[0] ? [convolution] : [weights.Build(input, convolution.Output)];
    }

    private static PerChannel? Change(Value value, Uses uses) => uses.Once(value) ? PerChannel.Match(value.Producer) : null;

    private static Node Addition(Value x, float[] factors, PerChannel addition)
    {
        float[] terms = [.. addition.Terms!.Zip(factors, static (term, factor) => term / factor)];
        long[] shape = [1, terms.Length, .. Enumerable.Repeat(1L, x.Rank - 2)];
        string name = addition.Node.Output.Name;
        var constant = new Value(name, TensorElementType.Float32, shape) { Constant = Constant.Floats(terms, shape) };
        var sum = new Value(name, TensorElementType.Float32, [.. x.Shape]);
        var node = new Node("Add", [x, constant], [sum], []);
        sum.Producer = node;
        return node;
    }
}
