using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>An empty or missing order reverses the axes.</summary>
[OpsetLayer("Transpose")]
internal sealed class Transpose : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        long[] order = layer.Inputs.Count > 1 ? layer.ConstantInts(1) : [];
        if (order.Length == 0)
            order = [.. Enumerable.Range(0, layer.Input(0).Rank).Reverse().Select(static i => (long)i)];
        return [graph.Transpose(layer.Input(0), order)];
    }
}
