using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Moves blocks of cells into channels: the way back from <see cref="DepthToSpace"/>.</summary>
[OpsetLayer("SpaceToDepth")]
[LegacyLayer("SpaceToDepth")]
internal sealed class SpaceToDepth : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        SpaceBlocks blocks = SpaceBlocks.Read(layer);
        Value deep = graph.SpaceToDepth(x, blocks.Sizes);
        if (blocks.First)
            return [deep];

        // ONNX has the one order only; the other exchanges whole planes.
        long[] space = [.. deep.Shape.Skip(2)];
        long[] order = [0, 2, 1, .. Enumerable.Range(3, space.Length).Select(static axis => (long)axis)];
        return [graph.Rearrange(deep, [x.Shape[0], Shapes.Count(blocks.Sizes), x.Shape[1], .. space], order, [.. deep.Shape])];
    }
}
