using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The weights of an opset convolution without their own axis for groups: [groups * first, second, kernel…].</summary>
internal sealed record OpsetKernel(Value Weights, long Groups)
{
    public long[] Sizes => [.. Weights.Shape.Skip(2)];

    /// <summary>Reads input 1; the types whose names begin with Group have the groups as first axis.</summary>
    public static OpsetKernel Read(LayerSource layer, GraphBuilder graph)
    {
        Value weights = layer.Input(1);
        bool grouped = layer.Type.StartsWith("Group", StringComparison.Ordinal);
        if (weights.Rank < (grouped ? 4 : 3) || !weights.IsStatic)
            throw new LayerException($"weights of shape {Shapes.Describe(weights.Shape)} are not supported");
        return grouped
            ? new OpsetKernel(graph.Reshape(weights, [checked(weights.Shape[0] * weights.Shape[1]), .. weights.Shape.Skip(2)]), weights.Shape[0])
            : new OpsetKernel(weights, 1);
    }
}
