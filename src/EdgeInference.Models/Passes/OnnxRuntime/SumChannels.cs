using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>
/// LRN as a convolution of the squares by the matrix of its windows: ONNX Runtime's kernel for LRN runs on one thread, and
/// even there takes three to four times as long (1.5 instead of 5.6 ms for 64 channels of 56x56 behind a convolution).
/// </summary>
internal static class SumChannels
{
    /// <summary>With more channels the matrix is not worth its size.</summary>
    private const long MostChannels = 1024;

    public static void Run(Graph graph, LoadBudget budget) =>
        GraphRewriter.Run(graph, budget, (node, builder) =>
            node.Operation is "LRN" && node.Inputs[0]!.Shape[1] is > 0 and <= MostChannels && Matrix(node, budget) is { } matrix
                ? Response(builder, node, matrix)
                : null);

    private static Value Response(GraphBuilder builder, Node node, Constant matrix)
    {
        Value x = node.Inputs[0]!;
        float[] bias = new float[matrix.Shape[0]];
        Array.Fill(bias, node.Float("bias", 1));
        var point = new Window([1, 1], [1, 1], [1, 1], [0, 0], [0, 0]);
        Value sums = builder.Convolution(builder.Multiply(x, x), builder.Constant(matrix), builder.Constant(Constant.Floats(bias, bias.Length)), point, groups: 1);
        return builder.Divide(x, Power(builder, sums, node.Float("beta", 0.75f)));
    }

    /// <summary>alpha / size where the second channel is in the window around the first; null where there is no room.</summary>
    private static Constant? Matrix(Node node, LoadBudget budget)
    {
        int channels = (int)node.Inputs[0]!.Shape[1];
        if (budget.TryAllocate((long)channels * channels * sizeof(float)) is not { } bytes)
            return null;
        Span<float> matrix = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        long size = node.Int("size", 1);
        for (int i = 0; i < channels; i++)
        {
            int first = (int)Math.Max(i - (size / 2), 0);
            int last = (int)Math.Min(i + (size / 2), channels - 1);
            matrix.Slice((i * channels) + first, last - first + 1).Fill(node.Float("alpha", 1e-4f) / size);
        }

        return new Constant(TensorElementType.Float32, [channels, channels, 1, 1], bytes);
    }

    /// <summary>The usual exponent without the slow general power.</summary>
    private static Value Power(GraphBuilder builder, Value x, float exponent)
    {
        if (exponent != 0.75f)
            return builder.Binary("Pow", x, builder.Float(exponent));
        Value root = builder.Unary("Sqrt", x);
        return builder.Multiply(root, builder.Unary("Sqrt", root));
    }
}
