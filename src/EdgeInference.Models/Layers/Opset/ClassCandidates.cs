using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The best boxes of each class in each image, and the choice among them that MatrixNms and MulticlassNms have in common.</summary>
internal sealed class ClassCandidates
{
    private const float Dropped = float.MinValue;

    private readonly LayerSource _layer;
    private readonly GraphBuilder _graph;
    private readonly long[] _classes;
    private readonly long _images;
    private readonly long _boxes;

    /// <summary>Reads boxes [N, boxes, 4] and scores [N, classes, boxes], and takes the nms_top_k best of each class but the background.</summary>
    public ClassCandidates(LayerSource layer, GraphBuilder graph)
    {
        if (layer.Inputs.Count != 2)
            throw new LayerException($"the form with {layer.Inputs.Count} inputs is not supported");
        (_layer, _graph) = (layer, graph);
        Value boxes = graph.Cast(layer.Input(0), TensorElementType.Float32);
        Value scores = graph.Cast(layer.Input(1), TensorElementType.Float32);
        if (!boxes.IsStatic || !scores.IsStatic || scores.Rank != 3 || !boxes.Shape.SequenceEqual([scores.Shape[0], scores.Shape[2], 4]))
            throw new LayerException($"boxes {Shapes.Describe(boxes.Shape)} and scores {Shapes.Describe(scores.Shape)} are not of known sizes that fit together");
        (_images, _boxes) = (scores.Shape[0], scores.Shape[2]);
        long background = layer.Int("background_class", -1);
        _classes = [.. Enumerable.Range(0, checked((int)scores.Shape[1])).Select(static i => (long)i).Where(label => label != background)];
        if (_images < 1 || _boxes < 1 || _classes.Length < 1)
            throw new LayerException($"scores {Shapes.Describe(scores.Shape)} have nothing to choose from");

        Count = layer.Int("nms_top_k", -1) is >= 0 and var most ? Math.Clamp(most, 1, _boxes) : _boxes;
        (Scores, Value order) = graph.TopK(graph.Gather(scores, graph.Ints(_classes), 1), Count, 2);
        Indices = graph.Reshape(order, [_images, _classes.Length * Count, 1]);
        Boxes = graph.Reshape(graph.GatherND(boxes, Indices, batchAxes: 1), [_images, _classes.Length, Count, 4]);
    }

    /// <summary>Candidates of a class.</summary>
    public long Count { get; }

    /// <summary>[N, classes, candidates, 4].</summary>
    public Value Boxes { get; }

    /// <summary>[N, classes, candidates], downwards.</summary>
    public Value Scores { get; }

    /// <summary>Pixels that a last coordinate lacks to a box's end: boxes in parts of the image have none.</summary>
    public float LastPixel => _layer.Flag("normalized", true) ? 0 : 1;

    /// <summary>Which box each candidate is, Int64 [N, classes * candidates, 1].</summary>
    private Value Indices { get; }

    /// <summary>The keep_top_k best of each image among those kept, in the order of sort_result_type.</summary>
    /// <param name="kept">Booleans [N, classes, candidates].</param>
    /// <param name="scores">The scores to choose and report by, in the same shape.</param>
    /// <returns>Rows (class, score, x1, y1, x2, y2), the index of each box over all images, and the number of rows of each image.</returns>
    public IReadOnlyList<Value> Choose(Value kept, Value scores)
    {
        long all = checked(_classes.Length * Count);
        long most = _layer.Int("keep_top_k", -1) is >= 0 and var given ? Math.Clamp(given, 1, all) : all;
        Value ranked = _graph.Reshape(_graph.Where(kept, scores, _graph.Float(Dropped)), [_images, all]);
        (Value best, Value place) = _graph.TopK(ranked, most, 1);
        Value image = _graph.Reshape(_graph.Range(0, _images, 1), [_images, 1]);
        Value flat = _graph.Reshape(_graph.Add(place, _graph.Multiply(image, Whole(all))), [_images * most]);
        Value chosen = _graph.Compare("Greater", best, _graph.Float(Dropped));
        Value counts = _graph.Reduce("ReduceSum", _graph.Cast(chosen, TensorElementType.Int64), [1], keepDimensions: false);

        flat = _graph.Gather(flat, Order(best, place, image, most), 0);
        Value score = _graph.Gather(_graph.Reshape(ranked, [_images * all]), flat, 0);
        Value rows = _graph.Squeeze(_graph.NonZero(_graph.Compare("Greater", score, _graph.Float(Dropped))), [0]);
        flat = _graph.Gather(flat, rows, 0);
        return [.. Outputs(flat, _graph.Gather(score, rows, 0), all), _graph.Cast(counts, IndexType)];
    }

    private TensorElementType IndexType => IrElementTypes.Parse(_layer.Text("output_type", "i64"));

    /// <returns>The places in the rows [N * most] by image and score, in the order in which they are put out.</returns>
    private Value Order(Value best, Value place, Value image, long most)
    {
        bool across = _layer.Flag("sort_result_across_batch", false);
        long rows = _images * most;
        switch (_layer.Text("sort_result_type", "none"))
        {
            case "score" when across:
                return _graph.TopK(_graph.Reshape(best, [rows]), rows, 0).Indices;
            case "score" or "none":
                return _graph.Range(0, rows, 1);
            case "classid":
                // A place is class * candidates + rank; what comes first, class or image, has the larger factor.
                Value label = _graph.Divide(place, Whole(Count));
                Value rank = _graph.Subtract(place, _graph.Multiply(label, Whole(Count)));
                Value key = across
                    ? _graph.Add(_graph.Multiply(_graph.Add(_graph.Multiply(label, Whole(_images)), image), Whole(Count)), rank)
                    : _graph.Add(_graph.Multiply(image, Whole(checked(_classes.Length * Count))), place);
                return _graph.TopK(_graph.Reshape(key, [rows]), rows, 0, largest: false).Indices;
            case var other:
                throw new LayerException($"sort_result_type '{other}' is not known");
        }
    }

    /// <param name="flat">Which candidates, over all images and classes.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="all">Candidates of an image.</param>
    private Value[] Outputs(Value flat, Value scores, long all)
    {
        Value image = _graph.Divide(flat, Whole(all));
        Value label = _graph.Divide(_graph.Subtract(flat, _graph.Multiply(image, Whole(all))), Whole(Count));
        Value classes = _graph.Cast(_graph.Gather(_graph.Ints(_classes), label, 0), TensorElementType.Float32);
        Value boxes = _graph.Gather(_graph.Reshape(Boxes, [_images * all, 4]), flat, 0);
        Value rows = _graph.Concat([_graph.Unsqueeze(classes, [1]), _graph.Unsqueeze(scores, [1]), boxes], 1);
        Value box = _graph.Gather(_graph.Reshape(Indices, [_images * all]), flat, 0);
        Value index = _graph.Unsqueeze(_graph.Add(box, _graph.Multiply(image, Whole(_boxes))), [1]);
        return [_graph.Cast(rows, _layer.Input(0).ElementType), _graph.Cast(index, IndexType)];
    }

    private Value Whole(long number) => _graph.Number(number, TensorElementType.Int64);
}
