using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// A new axis along which the place that the index names holds one value and the others another. An index below 0 names no
/// place, or with <c>negative_indices_mode</c> normalize (opset 16) counts from the end.
/// </summary>
[OpsetLayer("OneHot")]
internal sealed class OneHot : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        bool fromEnd = layer.Text("negative_indices_mode", "ignore_negative") switch
        {
            "ignore_negative" => false,
            "normalize" => true,
            var other => throw new LayerException($"negative_indices_mode '{other}' is not known"),
        };
        Value on = graph.Reshape(layer.Input(2), []);
        Value off = graph.Reshape(layer.Input(3), []);
        return [OneHotEncoding.Of(graph, layer.Input(0), layer.ConstantInt(1), layer.Int("axis"), on, off, fromEnd)];
    }
}
