using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>
/// What is known at load of vectors and numbers computed from the shape of a tensor some of whose sizes are open: the usual
/// chains pick, join and reorder sizes.
/// </summary>
internal static class KnownSizes
{
    /// <returns>The elements, -1 for those that are not known; null where they are not sizes.</returns>
    public static long[]? Of(Value x) =>
        x.Constant is { Count: <= Shapes.HighestRank, ElementType: TensorElementType.Int32 or TensorElementType.Int64 } constant && x.Rank <= 1
            ? constant.ToInts()
            : x.Sizes;

    /// <summary>The same of what a node computes, from what is known of its inputs.</summary>
    public static long[]? Of(Node node) => node.Operation switch
    {
        _ when node.Output.Rank > 1 || node.Output.ElementType is not (TensorElementType.Int32 or TensorElementType.Int64) => null,
        "Shape" => [.. node.Inputs[0]!.Shape],
        "Cast" or "Reshape" or "Squeeze" or "Unsqueeze" => Of(node.Inputs[0]!),
        "Concat" => Joined(node),
        "Gather" => Gathered(node),
        "Slice" => Sliced(node),
        _ => null,
    };

    private static long[]? Joined(Node node)
    {
        long[]?[] parts = [.. node.Inputs.Select(static input => Of(input!))];
        return Array.Exists(parts, static part => part is null) || parts.Sum(static part => part!.Length) > Shapes.HighestRank
            ? null
            : [.. parts.SelectMany(static part => part!)];
    }

    private static long[]? Gathered(Node node) =>
        node.Inputs[0] is { Rank: 1 } x && Of(x) is { } sizes && node.Inputs[1]!.Constant is { Count: <= Shapes.HighestRank } indices
            ? [.. indices.ToInts().Select(index => sizes[BlockOffsets.Place(index, sizes.Length)])]
            : null;

    private static long[]? Sliced(Node node)
    {
        if (node.Inputs[0] is not { Rank: 1 } x
            || Of(x) is not { } sizes
            || node.Inputs[1]!.Constant?.ToInts() is not [var begin]
            || node.Inputs[2]!.Constant?.ToInts() is not [var end]
            || node.Inputs[4]!.Constant?.ToInts() is not [var step])
        {
            return null;
        }

        var slice = AxisSlice.Of(sizes.Length, begin, end, step);
        return [.. Enumerable.Range(0, (int)slice.Count).Select(i => sizes[slice.First + (i * slice.Step)])];
    }
}
