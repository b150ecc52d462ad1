using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>
/// Activations made of an exponential, written in single steps: ONNX Runtime's kernels for those are vectorised, its kernels
/// for Elu (half as fast) and Softplus (a third as fast) are not.
/// </summary>
internal static class ExponentialSteps
{
    public static void Run(Graph graph, LoadBudget budget) => GraphRewriter.Run(graph, budget, static (node, builder) => node switch
    {
        { Operation: "Elu", Output.ElementType: TensorElementType.Float32 } when node.Float("alpha", 1) is > 0 and <= 1 and var alpha =>
            Elu(builder, node.Inputs[0]!, alpha),
        { Operation: "Softplus", Output.ElementType: TensorElementType.Float32 } => Softplus(builder, node.Inputs[0]!),
        _ => null,
    });

    /// <summary>max(x, a (exp(min(x, 0)) - 1)): right for 0 &lt; a &lt;= 1, since exp(x) - 1 >= x.</summary>
    private static Value Elu(GraphBuilder builder, Value x, float alpha)
    {
        Value below = builder.Subtract(builder.Unary("Exp", builder.Binary("Min", x, builder.Float(0))), builder.Float(1));
        return builder.Binary("Max", x, alpha < 1 ? builder.Multiply(below, builder.Float(alpha)) : below);
    }

    /// <summary>ln(1 + exp(x)) as max(x, 0) + ln(1 + exp(-|x|)), which cannot overflow.</summary>
    private static Value Softplus(GraphBuilder builder, Value x)
    {
        Value small = builder.Unary("Exp", builder.Unary("Neg", builder.Unary("Abs", x)));
        Value rest = builder.Unary("Log", builder.Add(small, builder.Float(1)));
        return builder.Add(builder.Unary("Relu", x), rest);
    }
}
