using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Moves the batch into blocks along the other axes, then crops: the way back from <see cref="SpaceToBatch"/>.</summary>
[OpsetLayer("BatchToSpace")]
internal sealed class BatchToSpace : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        BatchBlocks blocks = BatchBlocks.Read(layer);
        long[] seen = blocks.Seen(layer.Input(0).Shape);
        long batch = Shapes.Divide(seen[0], blocks.Volume);
        long[] split = [blocks.Volume, batch, .. seen.Skip(1)];
        long[] merged = [batch, Shapes.Multiply(seen[1], blocks.Volume), .. seen.Skip(2)];
        Value deep = graph.Rearrange(layer.Input(0), split, BatchBlocks.Exchanged(split.Length), merged);
        Value space = graph.DepthToSpace(deep, blocks.Sizes, blocksFirst: true);
        return [graph.Pad(graph.Reshape(space, blocks.Real(space.Shape)), Crops(layer, 2), Crops(layer, 3), PadMode.Constant)];
    }

    private static long[] Crops(LayerSource layer, int index)
    {
        long[] crops = layer.ConstantInts(index);
        return crops.All(static crop => crop is >= 0 and < long.MaxValue)
            ? Array.ConvertAll(crops, static crop => -crop)
            : throw new LayerException($"crops of {string.Join(',', crops)} are not possible");
    }
}
