using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>The sizes that legacy resizing layers bring images to: those declared at their output.</summary>
internal static class DeclaredSizes
{
    public static ResizedAxis[] Axes(LayerSource layer, Value x)
    {
        long[] declared = layer.DeclaredShape();
        if (declared.Length != x.Rank)
            throw new LayerException($"{Shapes.Describe(x.Shape)} cannot be resized to {Shapes.Describe(declared)}");
        return [.. Enumerable.Range(2, x.Rank - 2).Select(axis => new ResizedAxis(axis, x.Shape[axis], declared[axis]))];
    }
}
