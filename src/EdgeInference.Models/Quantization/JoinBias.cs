using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Passes;

namespace EdgeInference.Models.Quantization;

/// <summary>
/// A product with weights that are stored in eight bits and the bias that is added to it become one layer of two
/// dimensions. ONNX Runtime does the same by itself, but then finds no whole numbers in it.
/// </summary>
internal static class JoinBias
{
    public static void Run(Graph graph, LoadBudget budget)
    {
        var uses = new Uses(graph);
        GraphRewriter.Run(graph, budget, (node, builder) =>
        {
            if (node.Operation is not "Add")
                return null;
            (Value sum, Value bias) = node.Inputs[0]!.Constant is null ? (node.Inputs[0]!, node.Inputs[1]!) : (node.Inputs[1]!, node.Inputs[0]!);
            return sum.Producer is { Operation: "MatMul" } product
                && uses.Once(sum)
                && sum.Shape.SequenceEqual(node.Output.Shape)
                && product.Inputs[1] is { Constant.Steps: not null, Rank: 2 } weights
                && bias.Constant is { ElementType: TensorElementType.Float32 } constant
                && constant.Count == weights.Shape[1]
                && bias.Rank > 0
                && bias.Shape[^1] == weights.Shape[1]
                ? Join(builder, product.Inputs[0]!, weights, constant)
                : null;
        });
    }

    private static Value? Join(GraphBuilder graph, Value x, Value weights, Constant bias)
    {
        if (!x.IsStatic)
            return null;
        Value rows = graph.Reshape(x, [-1, x.Shape[^1]]);
        Value sum = graph.Add("Gemm", [rows, weights, graph.Constant(bias.WithShape([bias.Count]))], x.ElementType, [rows.Shape[0], weights.Shape[1]]);
        return graph.Reshape(sum, [.. x.Shape.SkipLast(1), weights.Shape[1]]);
    }
}
