using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Soft suppression of all boxes of a class at once: a score is multiplied by the least of f(its overlap with a better box,
/// that box's largest overlap with a better one still) (source: OpenVINO's MatrixNms-8).
/// </summary>
[OpsetLayer("MatrixNms")]
internal sealed class MatrixNms : Layer
{
    /// <summary>No real detector compares more boxes of a class, each with each.</summary>
    private const long MostCandidates = 1 << 12;

    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        var candidates = new ClassCandidates(layer, graph);
        long count = candidates.Count;
        if (count > MostCandidates)
            throw new LayerException($"comparing {count} boxes of a class with each other (nms_top_k) is not possible");

        // [.., i, j]: of box i with the better box j; 0 where j is not better.
        Value better = graph.Constant(Better(count));
        Value overlap = graph.Multiply(Overlaps(graph, candidates), better);
        Value largest = graph.Reduce("ReduceMax", overlap, [3], keepDimensions: true);
        Value largestOfBetter = graph.Transpose(largest, [0, 1, 3, 2]);
        Value decay = layer.Text("decay_function", "linear") switch
        {
            "linear" => graph.Divide(Rest(overlap), graph.Binary("Max", Rest(largestOfBetter), graph.Float(1e-10f))),
            "gaussian" => graph.Unary("Exp", graph.Multiply(
                graph.Subtract(Square(largestOfBetter), Square(overlap)),
                graph.Float(layer.Float("gaussian_sigma", 2)))),
            var other => throw new LayerException($"decay_function '{other}' is not known"),
        };
        Value least = graph.Reduce("ReduceMin", graph.Where(graph.Truth(better), decay, graph.Float(1)), [3], keepDimensions: false);
        Value scores = graph.Multiply(graph.Binary("Min", least, graph.Float(1)), candidates.Scores);
        Value kept = graph.Logical(
            "And",
            graph.Compare("Greater", candidates.Scores, graph.Float(layer.Float("score_threshold", 0))),
            graph.Compare("Greater", scores, graph.Float(layer.Float("post_threshold", 0))));
        return candidates.Choose(kept, scores);

        Value Rest(Value x) => graph.Subtract(graph.Float(1), x);

        Value Square(Value x) => graph.Multiply(x, x);
    }

    /// <summary>1 below the diagonal, 0 elsewhere.</summary>
    private static Constant Better(long count)
    {
        var below = new float[count * count];
        for (int i = 0; i < count; i++)
            below.AsSpan(i * (int)count, i).Fill(1);
        return Constant.Floats(below, count, count);
    }

    /// <returns>Intersection / union of each pair of candidates, [N, classes, candidates, candidates].</returns>
    private static Value Overlaps(GraphBuilder graph, ClassCandidates candidates)
    {
        IReadOnlyList<Value> corners = graph.Split(candidates.Boxes, 3, [2, 2]);
        Value first = graph.Unsqueeze(corners[0], [3]);
        Value last = graph.Unsqueeze(corners[1], [3]);
        Value own = Area(first, last);
        Value intersection = Area(
            graph.Binary("Max", first, Other(first)),
            graph.Binary("Min", last, Other(last)));
        Value union = graph.Subtract(graph.Add(own, Other(own)), intersection);

        // Without an intersection the union may be 0 too.
        Value any = graph.Compare("Greater", intersection, graph.Float(0));
        return graph.Where(any, graph.Divide(intersection, union), graph.Float(0));

        Value Other(Value x) => x.Rank == 5 ? graph.Transpose(x, [0, 1, 3, 2, 4]) : graph.Transpose(x, [0, 1, 3, 2]);

        Value Area(Value from, Value to)
        {
            Value size = graph.Subtract(to, from);
            Value valid = graph.ReduceLogical(graph.Compare("GreaterOrEqual", size, graph.Float(0)), all: true, [4], keepDimensions: false);
            Value area = graph.Reduce("ReduceProd", graph.Add(size, graph.Float(candidates.LastPixel)), [4], keepDimensions: false);
            return graph.Where(valid, area, graph.Float(0));
        }
    }
}
