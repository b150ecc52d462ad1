using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Moves channels into blocks of block_size cells along each spatial axis.</summary>
[OpsetLayer("DepthToSpace")]
[LegacyLayer("DepthToSpace")]
internal sealed class DepthToSpace : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        SpaceBlocks blocks = SpaceBlocks.Read(layer);
        return [graph.DepthToSpace(layer.Input(0), blocks.Sizes, blocks.First)];
    }
}
