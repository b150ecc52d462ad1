using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Hard suppression among the best boxes of each class. Only the form in which classes share boxes is supported.</summary>
[OpsetLayer("MulticlassNms")]
internal sealed class MulticlassNms : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        var candidates = new ClassCandidates(layer, graph);
        float overlap = layer.Float("iou_threshold", 0);
        if (overlap is not (> 0 and <= 1))
            throw new LayerException($"iou_threshold is {overlap}, not above 0 and at most 1");
        if (layer.Float("nms_eta", 1) < 1)
            throw new LayerException("a threshold that changes with each box (nms_eta below 1) is not supported");

        // Each class of each image is an image of its own to ONNX's operation, since the candidates differ. It drops what is above
        // the threshold, this layer also what is equal.
        long groups = candidates.Scores.Shape[0] * candidates.Scores.Shape[1];
        Value ends = graph.Constant(Constant.Floats([0, 0, candidates.LastPixel, candidates.LastPixel], 4));
        Value selected = graph.NonMaxSuppression(
            graph.Reshape(graph.Add(candidates.Boxes, ends), [groups, candidates.Count, 4]),
            graph.Reshape(candidates.Scores, [groups, 1, candidates.Count]),
            graph.Ints(candidates.Count),
            graph.Float(MathF.BitDecrement(overlap)),
            null,
            centered: false);
        Value places = graph.Gather(selected, graph.Ints(0, 2), 1);
        Value ones = graph.Expand(graph.Float(1), graph.Slice(graph.ShapeOf(places, TensorElementType.Int64), [new AxisSlice(0, 1, 1)]));
        Value marks = graph.ScatterND(graph.Expand(graph.Float(0), [groups, candidates.Count]), places, ones);
        Value above = graph.Compare("GreaterOrEqual", candidates.Scores, graph.Float(layer.Float("score_threshold", 0)));
        Value kept = graph.Logical("And", above, graph.Truth(graph.Reshape(marks, [.. candidates.Scores.Shape])));
        return candidates.Choose(kept, candidates.Scores);
    }
}
