using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>An element-wise operation with a constant that is one number for each channel.</summary>
/// <param name="Node">The Add, Sub or Mul.</param>
/// <param name="Operand">What it is applied to.</param>
/// <param name="Factors">For Mul: the numbers, one for each channel.</param>
/// <param name="Terms">For Add and Sub: the numbers to add, one for each channel.</param>
internal sealed record PerChannel(Node Node, Value Operand, float[]? Factors, float[]? Terms)
{
    /// <summary>A shape can have any number of them, and each pass spreads one number over all. Real models have some thousand.</summary>
    public const int MostChannels = 1 << 15;

    /// <summary>Recognises such a node; null for any other.</summary>
    public static PerChannel? Match(Node? node)
    {
        if (node is not { Operation: "Add" or "Sub" or "Mul" } || node.Output.ElementType != TensorElementType.Float32)
            return null;
        (Value first, Value second) = (node.Inputs[0]!, node.Inputs[1]!);
        (Value operand, Constant? constant) = second.Constant is not null ? (first, second.Constant) : (second, first.Constant);
        if (constant is null || operand.Constant is not null || (node.Operation is "Sub" && first.Constant is not null))
            return null;
        if (operand.Rank < 3 || !operand.Shape.SequenceEqual(node.Output.Shape) || operand.Shape[1] is < 1 or > MostChannels)
            return null;
        return Spread(constant, operand) is not { } values ? null : node.Operation switch
        {
            "Mul" => new PerChannel(node, operand, values, null),
            "Sub" => new PerChannel(node, operand, null, Array.ConvertAll(values, static v => -v)),
            _ => new PerChannel(node, operand, null, values),
        };
    }

    private static float[]? Spread(Constant constant, Value operand)
    {
        if (constant.Count == 1)
            return [.. Enumerable.Repeat(constant.Values<float>()[0], (int)operand.Shape[1])];
        int channelAxis = constant.Shape.Length - operand.Rank + 1;
        return channelAxis >= 0 && constant.Shape[channelAxis] == operand.Shape[1] && constant.Count == operand.Shape[1]
            ? constant.Values<float>().ToArray()
            : null;
    }
}
