using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Pads with zeros, then makes images of their own of the places in blocks of cells.</summary>
[OpsetLayer("SpaceToBatch")]
internal sealed class SpaceToBatch : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        BatchBlocks blocks = BatchBlocks.Read(layer);
        Value x = graph.Pad(layer.Input(0), layer.ConstantInts(2), layer.ConstantInts(3), PadMode.Constant);
        long[] seen = blocks.Seen(x.Shape);
        Value deep = graph.SpaceToDepth(graph.Reshape(x, seen), blocks.Sizes);
        long[] split = [x.Shape[0], blocks.Volume, seen[1], .. deep.Shape.Skip(2)];
        long[] merged = [Shapes.Multiply(x.Shape[0], blocks.Volume), .. split.Skip(2)];
        return [graph.Rearrange(deep, split, BatchBlocks.Exchanged(split.Length), blocks.Real(merged))];
    }
}
