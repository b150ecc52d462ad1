using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>
/// A multiplication or addition with constants after a LayerNormalization (of the normalised axes' shape) or an
/// InstanceNormalization (one number for each channel) goes into its scale or bias.
/// </summary>
internal static class FoldAfterNormalization
{
    public static void Run(Graph graph, LoadBudget budget)
    {
        var uses = new Uses(graph);
        var folded = new HashSet<Node>();
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (node.Operation is not ("Mul" or "Add" or "Sub")
                || node.Inputs.FirstOrDefault(static input => input?.Producer?.Operation is "LayerNormalization" or "InstanceNormalization") is not { } normalized
                || !uses.Once(normalized)
                || Numbers(node, normalized) is not { } numbers
                || Folded(node, normalized.Producer!, numbers, budget) is not { } changed)
            {
                continue;
            }

            folded.Add(normalized.Producer!);
            graph.Nodes[i] = node.Output.Producer = changed;
        }

        graph.Nodes.RemoveAll(folded.Contains);
    }

    /// <summary>What the node multiplies with or adds, in the shape of the normalisation's scale; null where that does not fit.</summary>
    private static float[]? Numbers(Node node, Value normalized)
    {
        if (normalized.Producer!.Operation is "InstanceNormalization")
            return PerChannel.Match(node) is { } change ? change.Factors ?? change.Terms : null;

        IReadOnlyList<long> scale = normalized.Producer.Inputs[1]!.Shape;
        Value other = node.Inputs[0] == normalized ? node.Inputs[1]! : node.Inputs[0]!;
        if (other.Constant is not { ElementType: TensorElementType.Float32 } constant || (node.Operation is "Sub" && node.Inputs[0] != normalized))
            return null;
        if (constant.Shape.Length > normalized.Rank || !constant.Shape.SkipWhile(static size => size == 1).SequenceEqual(scale.SkipWhile(static size => size == 1)))
            return null;
        float[] values = constant.ToFloats();
        return node.Operation is "Sub" ? Array.ConvertAll(values, static v => -v) : values;
    }

    /// <summary>Null where there is no room for the new numbers.</summary>
    private static Node? Folded(Node node, Node normalization, float[] numbers, LoadBudget budget)
    {
        Value? scale = normalization.Inputs[1]!;
        Value? bias = normalization.Inputs[2];
        long[] shape = [.. scale.Shape];
        bool multiply = node.Operation is "Mul";
        if (multiply)
            scale = New(scale.Constant!.ToFloats().Zip(numbers, static (factor, number) => factor * number));
        if (bias is not null)
            bias = New(bias.Constant!.ToFloats().Zip(numbers, (term, number) => multiply ? term * number : term + number));
        else if (!multiply)
            bias = New(numbers);
        return scale is null || (bias is null && (normalization.Inputs[2] is not null || !multiply))
            ? null
            : new Node(normalization.Operation, [normalization.Inputs[0], scale, bias], [node.Output], normalization.Attributes);

        Value? New(IEnumerable<float> values) => PassConstants.TryFloats(node.Output.Name, [.. values], shape, budget);
    }
}
