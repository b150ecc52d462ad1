using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Pads with zeros, then makes images of their own of the places in blocks of cells.</summary>
[OpsetLayer("SpaceToBatch")]
internal sealed class SpaceToBatch : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = graph.Pad(layer.Input(0), layer.ConstantInts(2), layer.ConstantInts(3), PadMode.Constant);
        long[] blocks = Blocks(layer);
        long[] cells = [.. blocks.Select((block, i) => BlockSizes.Divide(x.Shape[i + 1], block))];
        long[] split = [x.Shape[0], .. blocks.SelectMany((block, i) => new[] { cells[i], block })];
        long[] cellAxes = [.. Enumerable.Range(0, blocks.Length).Select(static i => 1L + (2 * i))];
        long[] order = [.. cellAxes.Select(static axis => axis + 1), 0, .. cellAxes];
        return [graph.Rearrange(x, split, order, [BlockSizes.Multiply(x.Shape[0], Shapes.Count(blocks)), .. cells])];
    }

    /// <summary>The block sizes of all axes but the batch, whose own must be 1.</summary>
    public static long[] Blocks(LayerSource layer)
    {
        long[] blocks = layer.ConstantInts(1);
        if (blocks.Length != layer.Input(0).Rank || blocks.Length < 2 || blocks[0] != 1 || blocks.Any(static b => b < 1))
            throw new LayerException($"blocks of {string.Join(',', blocks)} do not fit {Shapes.Describe(layer.Input(0).Shape)}");
        return blocks[1..];
    }
}
