using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>
/// A multiplication per channel before a convolution goes into its weights, an addition into its bias if there are no
/// pads. With pads x * a + b becomes (x + b / a) * a, so that at least the multiplication goes.
/// </summary>
internal static class FoldBeforeConvolution
{
    public static void Run(Graph graph)
    {
        var uses = new Uses(graph);
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            while (node.Operation is "Conv" && Fold(node, uses) is { } folded)
            {
                graph.Nodes[i] = node = folded.Convolution;
                if (folded.Before is { } before)
                    graph.Nodes.Insert(i++, before);
            }
        }
    }

    private static Folding? Fold(Node convolution, Uses uses)
    {
        Value input = convolution.Inputs[0]!;
        if (!uses.Once(input)
            || PerChannel.Match(input.Producer) is not { } change
            || ConvolutionWeights.Match(convolution) is not { } weights)
        {
            return null;
        }

        if (change.Factors is { } factors)
        {
            weights.ScaleInputs(factors);
            return new Folding(weights.Build(change.Operand, convolution.Output), null);
        }

        if (convolution.Ints("pads").All(static pad => pad == 0))
        {
            weights.ShiftInputs(change.Terms!);
            return new Folding(weights.Build(change.Operand, convolution.Output), null);
        }

        return uses.Once(change.Operand) && PerChannel.Match(change.Operand.Producer) is { Factors: { } scale } first && !scale.Contains(0)
            ? Exchange(convolution, weights, first.Operand, scale, change)
            : null;
    }

    private static Folding Exchange(Node convolution, ConvolutionWeights weights, Value x, float[] factors, PerChannel addition)
    {
        float[] terms = [.. addition.Terms!.Zip(factors, static (term, factor) => term / factor)];
        long[] shape = [1, terms.Length, .. Enumerable.Repeat(1L, x.Rank - 2)];
        string name = addition.Node.Output.Name;
        var constant = new Value(name, TensorElementType.Float32, shape) { Constant = Constant.Floats(terms, shape) };
        var sum = new Value(name, TensorElementType.Float32, [.. x.Shape]);
        var before = new Node("Add", [x, constant], [sum], []);
        sum.Producer = before;
        weights.ScaleInputs(factors);
        return new Folding(weights.Build(sum, convolution.Output), before);
    }

    private sealed record Folding(Node Convolution, Node? Before);
}
