using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>
/// Fills the narrow channels of a bottleneck up to a whole block with channels of zeros. ONNX Runtime computes whole blocks
/// anyway, but would cut the surplus off again and leave its blocked layout.
/// </summary>
internal static class WidenChannels
{
    public static void Run(Graph graph, LoadBudget budget)
    {
        var uses = new Uses(graph);
        Dictionary<Node, int> position = graph.Nodes.Select(static (node, i) => (node, i)).ToDictionary(static p => p.node, static p => p.i);
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            if (FindBottleneck(graph.Nodes[i], uses) is { } chain && Widen(chain, budget) is { } widened)
            {
                foreach ((Node old, Node wide) in chain.Zip(widened))
                    graph.Nodes[position[old]] = wide;
                position[widened[^1]] = position[chain[^1]];
            }
        }
    }

    /// <summary>A convolution into few channels, what keeps zeros zero, and the convolution that ends them; null when there is none.</summary>
    private static List<Node>? FindBottleneck(Node first, Uses uses)
    {
        if (first is not { Operation: "Conv", Output.Rank: 4 } || !HasConstantWeights(first) || first.Int("group", 1) != 1)
            return null;
        long channels = first.Output.Shape[1];
        if (channels % ChannelBlock.Size == 0 || channels * 2 < ChannelBlock.Size)
            return null;

        List<Node> chain = [first];
        while (uses.OnlyUser(chain[^1].Output) is { } next && ReferenceEquals(next.Inputs[0], chain[^1].Output))
        {
            chain.Add(next);
            if (FusedActivation.KeepsZero(next))
                continue;
            if (next.Operation is not ("Conv" or "FusedConv") || !HasConstantWeights(next))
                return null;
            if (next.Int("group", 1) == 1)
                return chain;
            if (next.Operation is not "Conv" || next.Int("group", 1) != channels || next.Output.Shape[1] != channels)
                return null;
        }

        return null;
    }

    private static bool HasConstantWeights(Node convolution) =>
        convolution.Inputs[1]?.Constant is { ElementType: TensorElementType.Float32 } && convolution.Inputs.ElementAtOrDefault(2) is null or { Constant: not null };

    /// <returns>The wide nodes, one for each of the chain; null where there is no room for their weights.</returns>
    private static List<Node>? Widen(List<Node> chain, LoadBudget budget)
    {
        int width = ChannelBlock.Widen((int)chain[0].Output.Shape[1]);
        var widened = new List<Node>();
        Value input = chain[0].Inputs[0]!;
        foreach (Node node in chain)
        {
            bool isLast = ReferenceEquals(node, chain[^1]);
            Value?[] operands = [input, .. node.Inputs.Skip(1)];
            for (int i = 1; i < (isLast ? 2 : 3) && node.Operation is "Conv" or "FusedConv"; i++)
            {
                if (operands.ElementAtOrDefault(i) is { } narrow && (operands[i] = Fill(narrow, isLast ? 1 : 0, width, budget)) is null)
                    return null;
            }

            NodeAttribute[] attributes = [.. node.Attributes.Select(a => a is { Name: "group", Value: > 1L } ? new NodeAttribute("group", (long)width) : a)];
            Value output = isLast ? node.Output : new Value(node.Output.Name, node.Output.ElementType, [node.Output.Shape[0], width, .. node.Output.Shape.Skip(2)]);
            widened.Add(new Node(node.Operation, operands, [output], attributes) { Domain = node.Domain });
            input = output;
        }

        foreach (Node node in widened)
            node.Output.Producer = node;
        return widened;
    }

    /// <summary>A constant with zeros behind its elements along an axis; null where there is no room for it.</summary>
    private static Value? Fill(Value value, int axis, int size, LoadBudget budget)
    {
        long[] shape = [.. value.Shape];
        int inner = (int)Shapes.Count(shape[(axis + 1)..]);
        int row = (int)shape[axis] * inner;
        shape[axis] = size;
        if (budget.TryAllocate(checked(Shapes.Count(shape) * sizeof(float))) is not { } bytes)
            return null;
        Span<float> filled = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        ReadOnlySpan<float> old = value.Constant!.Values<float>();
        for (int from = 0, to = 0; from < old.Length; from += row, to += size * inner)
            old.Slice(from, row).CopyTo(filled[to..]);
        return new Value(value.Name, value.ElementType, shape) { Constant = new Constant(value.ElementType, shape, bytes) };
    }
}
