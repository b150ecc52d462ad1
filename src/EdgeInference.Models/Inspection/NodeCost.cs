using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Inspection;

/// <summary>Multiplications of ONNX operations, as their definitions have them (ONNX operators, opset 17).</summary>
internal static class NodeCost
{
    // Beyond any real layer, and far from overflow when many are added up.
    private const long Most = 1L << 43;

    /// <returns>0 for operations that are not counted; null where a shape that is needed is not known.</returns>
    public static long? MultiplyAdds(Node node) => node.Operation switch
    {
        "Conv" or "ConvInteger" => Convolution(node.Output, Input(node, 1)),
        "QLinearConv" => Convolution(node.Output, Input(node, 3)),
        "ConvTranspose" => Times(Count(Input(node, 0)), PerFirst(Input(node, 1))),
        "MatMul" or "MatMulInteger" => Times(Count(node.Output), Size(Input(node, 0), ^1)),
        "QLinearMatMul" => Times(Count(node.Output), Size(Input(node, 0), ^1)),
        "Gemm" => Times(Count(node.Output), Size(Input(node, 0), node.Int("transA", 0) == 0 ? ^1 : ^2)),
        "LSTM" or "GRU" or "RNN" => Recurrent(node),
        _ => 0,
    };

    /// <summary>Null where it is not known.</summary>
    public static long? Count(Value? value) => value is { IsStatic: true } ? Count(value.Shape) : null;

    /// <summary>The product of sizes; as large as can be where the numbers of a file make no sense.</summary>
    public static long Count(IReadOnlyList<long> sizes)
    {
        decimal product = 1;
        foreach (long size in sizes)
            product = Math.Min(product * size, Most);
        return (long)product;
    }

    /// <summary>Each number of the output takes one product for each weight of its channel.</summary>
    private static long? Convolution(Value output, Value? weights) => Times(Count(output), PerFirst(weights));

    /// <summary>Each step of a sequence [steps, batch, size] multiplies by the weights and by the recurrent weights.</summary>
    private static long? Recurrent(Node node) =>
        Times(Times(Size(Input(node, 0), 0), Size(Input(node, 0), 1)), Count(Input(node, 1)) + Count(Input(node, 2)));

    private static Value? Input(Node node, int index) => index < node.Inputs.Count ? node.Inputs[index] : null;

    /// <summary>Numbers under each index of the first axis.</summary>
    private static long? PerFirst(Value? value) => value is { IsStatic: true, Rank: > 0 } ? Count([.. value.Shape.Skip(1)]) : null;

    private static long? Size(Value? value, Index axis) =>
        value is not null && axis.GetOffset(value.Rank) is >= 0 and var i && i < value.Rank && value.Shape[i] >= 0 ? value.Shape[i] : null;

    private static long? Times(long? first, long? second) => first is { } a && second is { } b ? Count([a, b]) : null;
}
