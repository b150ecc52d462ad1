using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>
/// ELU as max(x, a (exp(min(x, 0)) - 1)), which is the same for 0 &lt; a &lt;= 1 since exp(x) - 1 >= x. ONNX Runtime's kernels for
/// these steps are together twice as fast as the one for Elu.
/// </summary>
internal static class EluByExponential
{
    public static void Run(Graph graph)
    {
        Node[] nodes = [.. graph.Nodes];
        graph.Nodes.Clear();
        foreach (Node node in nodes)
        {
            if (node is { Operation: "Elu", Output.ElementType: TensorElementType.Float32 } && node.Float("alpha", 1) is > 0 and <= 1)
                Add(graph, node);
            else
                graph.Nodes.Add(node);
        }
    }

    private static void Add(Graph graph, Node elu)
    {
        Value x = elu.Inputs[0]!;
        Value below = Step(graph, "Sub", Step(graph, "Exp", Step(graph, "Min", x, Scalar(x, 0))), Scalar(x, 1));
        float alpha = elu.Float("alpha", 1);
        if (alpha < 1)
            below = Step(graph, "Mul", below, Scalar(x, alpha));
        Append(graph, new Node("Max", [x, below], [elu.Output], []));
    }

    private static Value Step(Graph graph, string operation, params Value[] operands)
    {
        var result = new Value(operands[0].Name, operands[0].ElementType, [.. operands[0].Shape]);
        Append(graph, new Node(operation, operands, [result], []));
        return result;
    }

    private static void Append(Graph graph, Node node)
    {
        node.Output.Producer = node;
        graph.Nodes.Add(node);
    }

    private static Value Scalar(Value like, float value) => new(like.Name, like.ElementType, []) { Constant = Constant.Floats([value]) };
}
