using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The second output of opset 8, the indices, is not supported.</summary>
[OpsetLayer("MaxPool")]
internal sealed class MaxPool : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.MaxPool(layer.Input(0), OpsetWindow.ForPooling(layer, layer.Input(0).Shape))];
}
