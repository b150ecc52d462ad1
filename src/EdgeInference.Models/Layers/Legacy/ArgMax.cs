using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>
/// The largest elements along an axis: their indices as floats, or with out_max_val the elements. Without an axis, of each
/// image as a whole: [N, 1, top_k] indices, or [N, 2, top_k] indices and elements.
/// </summary>
[LegacyLayer("ArgMax")]
internal sealed class ArgMax : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long count = layer.Int("top_k", 1);
        bool wantsValues = layer.Flag("out_max_val", false);
        if (layer.Has("axis"))
        {
            (Value elements, Value places) = graph.TopK(x, count, layer.Int("axis"));
            return [wantsValues ? elements : graph.Cast(places, TensorElementType.Float32)];
        }

        if (x.Rank < 2)
            throw new LayerException($"an input of shape {Shapes.Describe(x.Shape)} has no images");
        Value images = graph.Reshape(x, [x.Shape[0], 1, .. x.IsStatic ? [Shapes.Count([.. x.Shape.Skip(1)])] : new[] { Shapes.Unknown }]);
        (Value values, Value indices) = graph.TopK(images, count, axis: 2);
        Value floats = graph.Cast(indices, TensorElementType.Float32);
        return [wantsValues ? graph.Concat([floats, values], axis: 1) : floats];
    }
}
