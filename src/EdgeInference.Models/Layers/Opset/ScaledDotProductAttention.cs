using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// softmax(query * keyᵀ * scale + mask) * value, with queries [N, …, L, E], keys [N, …, S, E] and values [N, …, S, Ev]
/// (OpenVINO opset spec, ScaledDotProductAttention-13).
/// </summary>
[OpsetLayer("ScaledDotProductAttention")]
internal sealed class ScaledDotProductAttention : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        if (layer.Inputs.Count > 5)
            throw new LayerException("attention sinks are not supported");
        (Value query, Value key, Value value) = (layer.Input(0), layer.Input(1), layer.Input(2));
        if (Math.Min(query.Rank, key.Rank) < 2)
            throw new LayerException($"queries {Shapes.Describe(query.Shape)} and keys {Shapes.Describe(key.Shape)} are not matrices");
        Value scale = layer.Inputs.Count > 4 ? graph.Reshape(layer.Input(4), []) : DefaultScale(graph, query);
        Value scores = graph.Multiply(graph.MatMul(query, key, transposeSecond: true), scale);
        Value weights = graph.Softmax(Mask(layer, graph, scores), -1);
        return [graph.MatMul(weights, value)];
    }

    private static Value DefaultScale(GraphBuilder graph, Value query) =>
        query.Shape[^1] > 0
            ? graph.Float(1 / MathF.Sqrt(query.Shape[^1]))
            : throw new LayerException($"queries {Shapes.Describe(query.Shape)} are of unknown size, and no scale is given");

    private static Value Mask(LayerSource layer, GraphBuilder graph, Value scores)
    {
        if (layer.Flag("causal", false))
            return graph.Where(Earlier(graph, scores), scores, graph.Float(float.NegativeInfinity));
        if (layer.Inputs.Count < 4)
            return scores;
        Value mask = layer.Input(3);
        if (mask.ElementType == TensorElementType.Boolean)
            return graph.Where(mask, scores, graph.Float(float.NegativeInfinity));
        return mask.Constant is { Count: 1 } single && single.ToFloats()[0] == 0 ? scores : graph.Add(scores, mask);
    }

    /// <summary>Which keys [S] do not stand after which query [L].</summary>
    private static Value Earlier(GraphBuilder graph, Value scores)
    {
        (long queries, long keys) = (scores.Shape[^2], scores.Shape[^1]);
        if (queries < 0 || keys < 0)
            throw new LayerException("a causal mask needs sizes that are known at load");
        Value rows = graph.Reshape(graph.Range(0, queries, 1L), [queries, 1]);
        return graph.Compare("GreaterOrEqual", rows, graph.Range(0, keys, 1L));
    }
}
