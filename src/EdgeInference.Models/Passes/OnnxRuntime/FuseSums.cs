using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>
/// A convolution, the sum with another branch, and a leaky ReLU or clip become one FusedConv. ONNX Runtime itself fuses no
/// such activation behind a sum when it lays tensors out in blocks of channels: each would leave that layout and come back.
/// </summary>
internal static class FuseSums
{
    public static void Run(Graph graph)
    {
        var uses = new Uses(graph);
        var fused = new HashSet<Node>();
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node activation = graph.Nodes[i];
            if (FusedActivation.Of(activation) is not { } attributes
                || activation.Inputs[0] is not { Producer: { Operation: "Add" } sum } added
                || !uses.Once(added)
                || FindConvolution(sum, uses) is not { } convolution)
            {
                continue;
            }

            Value other = ReferenceEquals(sum.Inputs[0], convolution.Output) ? sum.Inputs[1]! : sum.Inputs[0]!;
            graph.Nodes[i] = new Node("FusedConv", [convolution.Inputs[0], convolution.Inputs[1], BiasOf(convolution), other], [activation.Output], [.. convolution.Attributes, .. attributes])
            {
                Domain = "com.microsoft",
            };
            activation.Output.Producer = graph.Nodes[i];
            fused.Add(sum);
            fused.Add(convolution);
        }

        graph.Nodes.RemoveAll(fused.Contains);
    }

    private static Node? FindConvolution(Node sum, Uses uses) =>
        sum.Inputs.All(input => input is { Rank: 4, IsStatic: true, Constant: null } && input.Shape.SequenceEqual(sum.Output.Shape))
            ? sum.Inputs
                .Where(input => uses.Once(input!))
                .Select(static input => input!.Producer)
                .FirstOrDefault(static node => node is { Operation: "Conv" } && node.Inputs[1]!.Constant is not null && node.Inputs[2] is null or { Constant: not null })
            : null;

    private static Value BiasOf(Node convolution)
    {
        if (convolution.Inputs[2] is { } bias)
            return bias;
        long channels = convolution.Output.Shape[1];
        return new Value(convolution.Output.Name, convolution.Output.ElementType, [channels]) { Constant = Constant.Floats(new float[channels], channels) };
    }
}
