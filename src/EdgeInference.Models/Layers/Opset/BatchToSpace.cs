using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Moves the batch into blocks along the other axes, then crops: the way back from <see cref="SpaceToBatch"/>.</summary>
[OpsetLayer("BatchToSpace")]
internal sealed class BatchToSpace : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] blocks = SpaceToBatch.Blocks(layer);
        long batch = BlockSizes.Divide(x.Shape[0], Shapes.Count(blocks));
        int inner = blocks.Length;
        long[] split = [.. blocks, batch, .. x.Shape.Skip(1)];
        long[] order = [inner, .. Enumerable.Range(0, inner).SelectMany(i => new long[] { inner + 1 + i, i })];
        long[] merged = [batch, .. blocks.Select((block, i) => BlockSizes.Multiply(x.Shape[i + 1], block))];
        Value space = graph.Rearrange(x, split, order, merged);
        return [graph.Pad(space, Crops(layer, 2), Crops(layer, 3), PadMode.Constant)];
    }

    private static long[] Crops(LayerSource layer, int index)
    {
        long[] crops = layer.ConstantInts(index);
        return crops.All(static crop => crop is >= 0 and < long.MaxValue)
            ? Array.ConvertAll(crops, static crop => -crop)
            : throw new LayerException($"crops of {string.Join(',', crops)} are not possible");
    }
}
