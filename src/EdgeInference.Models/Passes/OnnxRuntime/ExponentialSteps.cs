using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>
/// Activations made of an exponential, written in single steps: ONNX Runtime's kernels for those are vectorised, its kernels
/// for Elu (half as fast) and Softplus (a third as fast) are not.
/// </summary>
internal static class ExponentialSteps
{
    public static void Run(Graph graph)
    {
        Node[] nodes = [.. graph.Nodes];
        graph.Nodes.Clear();
        foreach (Node node in nodes)
        {
            switch (node)
            {
                case { Operation: "Elu", Output.ElementType: TensorElementType.Float32 } when node.Float("alpha", 1) is > 0 and <= 1:
                    AddElu(graph, node);
                    break;
                case { Operation: "Softplus", Output.ElementType: TensorElementType.Float32 }:
                    AddSoftplus(graph, node);
                    break;
                default:
                    graph.Nodes.Add(node);
                    break;
            }
        }
    }

    /// <summary>max(x, a (exp(min(x, 0)) - 1)): right for 0 &lt; a &lt;= 1, since exp(x) - 1 >= x.</summary>
    private static void AddElu(Graph graph, Node elu)
    {
        Value x = elu.Inputs[0]!;
        Value below = Step(graph, "Sub", Step(graph, "Exp", Step(graph, "Min", x, Scalar(x, 0))), Scalar(x, 1));
        float alpha = elu.Float("alpha", 1);
        if (alpha < 1)
            below = Step(graph, "Mul", below, Scalar(x, alpha));
        Append(graph, new Node("Max", [x, below], [elu.Output], []));
    }

    /// <summary>ln(1 + exp(x)) as max(x, 0) + ln(1 + exp(-|x|)), which cannot overflow.</summary>
    private static void AddSoftplus(Graph graph, Node softplus)
    {
        Value x = softplus.Inputs[0]!;
        Value small = Step(graph, "Exp", Step(graph, "Neg", Step(graph, "Abs", x)));
        Value rest = Step(graph, "Log", Step(graph, "Add", small, Scalar(x, 1)));
        Append(graph, new Node("Add", [Step(graph, "Relu", x), rest], [softplus.Output], []));
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
